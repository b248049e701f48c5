//! How times and wires read.

/** A span of time in milliseconds, in its two largest units. */
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [[Math.floor(seconds / 86400), 'd'], [Math.floor(seconds / 3600) % 24, 'h'], [Math.floor(seconds / 60) % 60, 'm'], [seconds % 60, 's']];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0s';
  return parts.slice(first, first + 2).filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`).join(' ');
}

export const many = (count, what) => `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;

/** What each kind of router is called for a person who never saw one. */
export const KINDS = {
  filter: 'fa-filter', halt: 'fa-hand-stop-o', tap: 'fa-eye', break: 'fa-pause-circle-o', remote: 'fa-cloud-upload',
  set: 'fa-pencil', redirect: 'fa-random', limit: 'fa-tachometer', call: 'fa-puzzle-piece',
};
