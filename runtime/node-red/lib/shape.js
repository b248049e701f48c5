//! Shapes of JSON data: each is a function that accepts a value or throws a `Mismatch` that names the place.
'use strict';

class Mismatch extends Error {}

const shown = (value) => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

const no = (at, wanted, value) => {
  throw new Mismatch(`${at || 'the file'}: expected ${wanted}, found ${shown(value)}`);
};

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const basic = (wanted, accepts) => (value, at) => {
  if (!accepts(value)) no(at, wanted, value);
};

const any = () => {};
const text = basic('text', (v) => typeof v === 'string');
const bool = basic('true or false', (v) => typeof v === 'boolean');
const isWhole = (v, below) => Number.isInteger(v) && v >= 0 && v < below && !Object.is(v, -0);
const number = basic('a number', (v) => typeof v === 'number');
const u32 = basic('a whole number below 2^32', (v) => isWhole(v, 2 ** 32));
const count = basic('a whole number below 2^64', (v) => isWhole(v, 2 ** 64));

const list = (of) => (value, at) => {
  if (!Array.isArray(value)) no(at, 'a list', value);
  value.forEach((item, i) => of(item, `${at}[${i}]`));
};

const tuple = (...of) => (value, at) => {
  if (!Array.isArray(value) || value.length !== of.length) no(at, `a list of ${of.length}`, value);
  of.forEach((shape, i) => shape(value[i], `${at}[${i}]`));
};

const either = (wanted, ...of) => (value, at) => {
  const fits = of.some((shape) => {
    try {
      shape(value, at);
      return true;
    } catch (error) {
      if (error instanceof Mismatch) return false;
      throw error;
    }
  });
  if (!fits) no(at, wanted, value);
};

const textMap = (value, at) => {
  if (!isObject(value)) no(at, 'an object', value);
  Object.keys(value).forEach((key) => text(value[key], `${at}.${key}`));
};

/** A field that may be left out or `null`. */
const optional = (of) => Object.assign((value, at) => value === null || of(value, at), { optional: true });
/** A field that may be left out, but not `null`. */
const left = (of) => Object.assign((value, at) => of(value, at), { optional: true });

/** An object of these fields and no others. */
const record = (fields) => (value, at) => {
  if (!isObject(value)) no(at, 'an object', value);
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(fields, key)) throw new Mismatch(`${at || 'the file'}: unknown field \`${key}\``);
  }
  for (const [key, of] of Object.entries(fields)) {
    if (Object.hasOwn(value, key)) of(value[key], at ? `${at}.${key}` : key);
    else if (!of.optional) throw new Mismatch(`${at || 'the file'}: the field \`${key}\` is missing`);
  }
};

/** A variant: the bare name when its shape is `null` (which may stand beside the name), else an object of the name alone. */
const variant = (variants) => (value, at) => {
  const bare = typeof value === 'string';
  const keys = bare ? [value] : isObject(value) ? Object.keys(value) : [];
  if (keys.length !== 1) no(at, 'one variant', value);
  const [name] = keys;
  const of = Object.hasOwn(variants, name) ? variants[name] : undefined;
  if (of === undefined) throw new Mismatch(`${at}: unknown variant \`${name}\``);
  if (of === null ? !bare && value[name] !== null : bare) no(at, of === null ? `\`${name}\` alone` : `\`${name}\` with its content`, value);
  if (of) of(value[name], `${at}.${name}`);
};

module.exports = { Mismatch, any, bool, count, either, left, list, number, optional, record, text, textMap, tuple, u32, variant };
