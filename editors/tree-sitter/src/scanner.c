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
  lexer->mark_end(lexer);
}

static bool one_of(const char *const *list, const char *word) {
  for (; *list; list++) {
    if (strcmp(*list, word) == 0) return true;
  }
  return false;
}

static bool found(TSLexer *lexer, unsigned token) {
  lexer->result_symbol = (TSSymbol)token;
  return true;
}

// `5%`, but neither `5%3` nor `5%(3)`.
static bool percent_sign(TSLexer *lexer) {
  lexer->advance(lexer, false);
  lexer->mark_end(lexer);
  return !in_word(lexer->lookahead) && lexer->lookahead != '(' && found(lexer, PERCENT_SIGN);
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
  return one_of(TIME_UNITS, word) && found(lexer, RATE_UNIT);
}

// `{` of a value in a text: neither `{{` nor a brace that the text does not close.
static bool interpolation_start(TSLexer *lexer) {
  if (lexer->lookahead != '{') return false;
  lexer->advance(lexer, false);
  if (lexer->lookahead == '{') return false;
  lexer->mark_end(lexer);
  while (lexer->lookahead != '}') {
    if (lexer->eof(lexer) || lexer->lookahead == '"' || lexer->lookahead == '\r' || lexer->lookahead == '\n') return false;
    lexer->advance(lexer, false);
  }
  return found(lexer, INTERPOLATION_START);
}

// A keyword where one is wanted, or else a name.
static bool word_or_name(TSLexer *lexer, const bool *valid, const char *word) {
  unsigned at = 0;
  while (at < WORD_COUNT && strcmp(WORDS[at], word) != 0) at++;
  if (at < WORD_COUNT && valid[FIRST_WORD + at]) return found(lexer, FIRST_WORD + at);
  if (valid[IDENTIFIER] && at >= RESERVED_COUNT) return found(lexer, IDENTIFIER);
  return valid[ANY_WORD] && found(lexer, ANY_WORD);
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
  // While the parser recovers from an error everything is valid; then only words are worth reading.
  bool recovers = valid[INTERPOLATION_START] && valid[IDENTIFIER];
  if (valid[INTERPOLATION_START] && !recovers) return interpolation_start(lexer);
  bool after_number = valid[TIME_UNIT] && !recovers;
  if (after_number && lexer->lookahead == '%') return percent_sign(lexer);
  if (after_number && lexer->lookahead == '/') return rate_unit(lexer);
  bool at_once = !is_blank(lexer->lookahead);
  if (!at_once && valid[SEGMENT_WORD] && !recovers) return false;
  while (is_blank(lexer->lookahead)) lexer->advance(lexer, true);
  if (is_digit(lexer->lookahead) || !in_word(lexer->lookahead)) return false;
  char word[WORD_BYTES];
  read_word(lexer, word);
  if (valid[SEGMENT_WORD] && !recovers) return found(lexer, SEGMENT_WORD);
  if (after_number && at_once) {
    if (one_of(TIME_UNITS, word)) return found(lexer, TIME_UNIT);
    if (one_of(SIZE_UNITS, word)) return found(lexer, SIZE_UNIT);
  }
  return word_or_name(lexer, valid, word);
}
