// Words, units and braces in texts: what takes look-ahead, or has to be read whole.
//
// A lexer made of regular expressions sees the name `hal` in `halt` where no keyword is wanted, and a half-typed line then takes
// parts of the next one. Here a word is read to its end first; a reserved word is never a name.

#include "tree_sitter/parser.h"
#include "words.h"

#include <string.h>

// The tokens of `externals` in grammar.js, in its order; the words of `words.h` follow.
enum Token {
  TIME_UNIT,
  SIZE_UNIT,
  RATE_UNIT,
  PERCENT_SIGN,
  INTERPOLATION_START,
  LINE_END,
  NO_BRACKET,
  NO_BRACE,
  NO_OBJECT_BRACE,
  MISSING,
  BRACE,
  PARENTHESIS,
  BRACKET,
  CODE,
  SEGMENT_WORD,
  ANY_WORD,
  IDENTIFIER,
  FIRST_WORD,
};

// The longest word with its end; `words.h` has none that is longer.
#define WORD_BYTES 16

static bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }

static bool is_blank(int32_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0xFEFF; }

// Signs past ASCII that are in no word; what is left is nearly that of `XID_Continue`.
static bool is_sign(int32_t c) {
  return (c < 0xC0 && c != 0xAA && c != 0xB5 && c != 0xB7 && c != 0xBA) || c == 0xD7 || c == 0xF7 || c == 0xFEFF ||
         (c >= 0x2000 && c < 0x2070 && c != 0x203F && c != 0x2040 && c != 0x2054) || (c >= 0x2190 && c < 0x2C00) ||
         (c >= 0x3000 && c < 0x3005) || (c >= 0x3008 && c < 0x3021) || c == 0xFFFD;
}

static bool in_word(int32_t c) {
  if (c >= 0x80) return !is_sign(c);
  return c == '_' || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Reads a word to its end into `word`; one that is too long for any of ours is left empty.
static void read_word(TSLexer *lexer, char word[WORD_BYTES]) {
  unsigned length = 0;
  for (; in_word(lexer->lookahead); length++) {
    if (length < WORD_BYTES) word[length] = lexer->lookahead < 0x80 ? (char)lexer->lookahead : '?';
    lexer->advance(lexer, false);
  }
  word[length < WORD_BYTES ? length : 0] = '\0';
}

static bool one_of(const char *const *list, const char *word) {
  for (; *list; list++) {
    if (strcmp(*list, word) == 0) return true;
  }
  return false;
}

// A token that ends where it was marked.
static bool found(TSLexer *lexer, unsigned token) {
  lexer->result_symbol = (TSSymbol)token;
  return true;
}

// A token that ends here.
static bool found_here(TSLexer *lexer, unsigned token) {
  lexer->mark_end(lexer);
  return found(lexer, token);
}

// `5%`, but neither `5%3` nor `5%(3)`.
static bool percent_sign(TSLexer *lexer) {
  lexer->advance(lexer, false);
  return !in_word(lexer->lookahead) && lexer->lookahead != '(' && found_here(lexer, PERCENT_SIGN);
}

// `/s`, `/5m`, `/2.5h`; in `10/size` the slash divides.
static bool rate_unit(TSLexer *lexer) {
  lexer->advance(lexer, false);
  while (is_digit(lexer->lookahead)) lexer->advance(lexer, false);
  if (lexer->lookahead == '.') {
    lexer->advance(lexer, false);
    if (!is_digit(lexer->lookahead)) return false;
    while (is_digit(lexer->lookahead)) lexer->advance(lexer, false);
  }
  char word[WORD_BYTES];
  read_word(lexer, word);
  return one_of(TIME_UNITS, word) && found_here(lexer, RATE_UNIT);
}

static bool unit(TSLexer *lexer) {
  char word[WORD_BYTES];
  read_word(lexer, word);
  if (one_of(TIME_UNITS, word)) return found_here(lexer, TIME_UNIT);
  return one_of(SIZE_UNITS, word) && found_here(lexer, SIZE_UNIT);
}

// The rest of what `allow` silences: a code, or a name such as `unused-allow`.
static bool code(TSLexer *lexer) {
  while (in_word(lexer->lookahead) || lexer->lookahead == '-') lexer->advance(lexer, false);
  return found_here(lexer, CODE);
}

// The word after the point of a path.
static bool segment(TSLexer *lexer) {
  if (is_digit(lexer->lookahead)) return false;
  char word[WORD_BYTES];
  read_word(lexer, word);
  return found_here(lexer, SEGMENT_WORD);
}

static bool line_ends(TSLexer *lexer) {
  return lexer->eof(lexer) || lexer->lookahead == '\r' || lexer->lookahead == '\n';
}

// `{` of a value in a text: neither `{{` nor a brace that the text does not close.
static bool interpolation_start(TSLexer *lexer) {
  if (lexer->lookahead != '{') return false;
  lexer->advance(lexer, false);
  if (lexer->lookahead == '{') return false;
  lexer->mark_end(lexer);
  while (lexer->lookahead != '}') {
    if (lexer->lookahead == '"' || line_ends(lexer)) return false;
    lexer->advance(lexer, false);
  }
  return found(lexer, INTERPOLATION_START);
}

// In a text or regular expression, which ends with its line at the latest.
static bool in_text(TSLexer *lexer, const bool *valid) {
  if (line_ends(lexer)) return found_here(lexer, LINE_END);
  return valid[INTERPOLATION_START] && interpolation_start(lexer);
}

// What is missing before a word or bracket that cannot stand here, or before the end; has no width.
static bool nothing(const bool *valid, bool ends_block, TSLexer *lexer) {
  if (valid[NO_BRACKET]) return found(lexer, NO_BRACKET);
  if (valid[NO_OBJECT_BRACE]) return found(lexer, NO_OBJECT_BRACE);
  if (valid[NO_BRACE] && ends_block) return found(lexer, NO_BRACE);
  return valid[MISSING] && found(lexer, MISSING);
}

static bool closing(TSLexer *lexer, const bool *valid, enum Token bracket) {
  if (!valid[bracket]) return nothing(valid, false, lexer);
  lexer->advance(lexer, false);
  return found_here(lexer, bracket);
}

// Whether a word that has just been read is the key of an object or schema.
static bool before_colon(TSLexer *lexer) {
  while (lexer->lookahead == ' ' || lexer->lookahead == '\t') lexer->advance(lexer, false);
  return lexer->lookahead == ':' || lexer->lookahead == '?';
}

// Whether only a name can stand here: then each of the words that a name may be is a token, and nowhere else are all of them.
static bool wants_name(const bool *valid) {
  for (unsigned at = ALWAYS_COUNT; at < RESERVED_COUNT; at++) {
    if (!valid[FIRST_WORD + at]) return false;
  }
  return valid[MISSING];
}

// A keyword where one is wanted, or else a name. A reserved word is neither: something before it is missing. Where names, codes and
// keys may be like reserved words, one that begins a line is not meant so.
static bool word_or_name(TSLexer *lexer, const bool *valid, bool begins_line) {
  char word[WORD_BYTES];
  read_word(lexer, word);
  unsigned at = 0;
  while (at < WORD_COUNT && strcmp(WORDS[at], word) != 0) at++;
  bool reserved = at < RESERVED_COUNT;
  bool begins_item = begins_line && at < ITEM_COUNT;
  bool next = begins_line && reserved;
  if (valid[CODE] && !valid[IDENTIFIER] && !next) return code(lexer);
  if (at < WORD_COUNT && valid[FIRST_WORD + at] && !(next && wants_name(valid))) return found_here(lexer, FIRST_WORD + at);
  if (!reserved && valid[IDENTIFIER]) return found_here(lexer, IDENTIFIER);
  if (valid[ANY_WORD] && (!next || before_colon(lexer))) return found_here(lexer, ANY_WORD);
  return reserved && nothing(valid, begins_item, lexer);
}

void *tree_sitter_route_external_scanner_create(void) { return NULL; }
void tree_sitter_route_external_scanner_destroy(void *payload) { (void)payload; }
unsigned tree_sitter_route_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload;
  (void)buffer;
  return 0;
}
void tree_sitter_route_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload;
  (void)buffer;
  (void)length;
}

bool tree_sitter_route_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  (void)payload;
  // While the parser recovers from an error everything is valid; then only words and brackets are worth reading.
  bool recovers = valid[LINE_END] && valid[IDENTIFIER];
  if (valid[LINE_END] && !recovers) return in_text(lexer, valid);
  bool after_number = valid[TIME_UNIT] && !recovers;
  if (after_number && lexer->lookahead == '%') return percent_sign(lexer);
  if (after_number && lexer->lookahead == '/') return rate_unit(lexer);
  if (after_number && in_word(lexer->lookahead)) return unit(lexer);
  if (valid[SEGMENT_WORD] && !recovers && in_word(lexer->lookahead)) return segment(lexer);
  // What is missing ends here, so that a second thing that is missing sees the same line end.
  lexer->mark_end(lexer);
  bool begins_line = false;
  for (; is_blank(lexer->lookahead); lexer->advance(lexer, true)) begins_line |= lexer->lookahead == '\n';
  switch (lexer->lookahead) {
    case '}': return closing(lexer, valid, BRACE);
    case ')': return closing(lexer, valid, PARENTHESIS);
    case ']': return closing(lexer, valid, BRACKET);
    default: break;
  }
  if (lexer->eof(lexer)) return !recovers && nothing(valid, true, lexer);
  if (is_digit(lexer->lookahead) || !in_word(lexer->lookahead)) return false;
  return word_or_name(lexer, valid, begins_line);
}
