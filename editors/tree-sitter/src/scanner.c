// What takes look-ahead: a unit of a number counts only where its word ends, a brace in a text only when it is closed.

#include "tree_sitter/parser.h"

#include <string.h>

enum Token { TIME_UNIT, SIZE_UNIT, RATE_UNIT, PERCENT_SIGN, INTERPOLATION_START, NEVER };

// Longest unit with room for a letter more and the end.
#define UNIT_BYTES 5

static const char *const TIME_UNITS[] = {"ms", "s", "m", "h", "d", NULL};
static const char *const SIZE_UNITS[] = {"B", "KiB", "MiB", "GiB", "TiB", "kB", "KB", "MB", "GB", "TB", NULL};

static bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }

// Characters past ASCII count as letters: none can follow a number in a valid text.
static bool in_word(int32_t c) {
  return c == '_' || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

static bool one_of(const char *const *units, const char *word) {
  for (; *units; units++) {
    if (strcmp(*units, word) == 0) return true;
  }
  return false;
}

// Reads a whole word into `word`; one that is too long for a unit is left empty.
static void read_word(TSLexer *lexer, char word[UNIT_BYTES]) {
  unsigned length = 0;
  while (in_word(lexer->lookahead)) {
    if (length < UNIT_BYTES) word[length] = lexer->lookahead < 0x80 ? (char)lexer->lookahead : '?';
    length++;
    lexer->advance(lexer, false);
  }
  word[length < UNIT_BYTES ? length : 0] = '\0';
}

static bool found(TSLexer *lexer, enum Token token) {
  lexer->mark_end(lexer);
  lexer->result_symbol = token;
  return true;
}

// `5%`, but neither `5%3` nor `5%(3)`.
static bool percent_sign(TSLexer *lexer) {
  lexer->advance(lexer, false);
  return !in_word(lexer->lookahead) && lexer->lookahead != '(' && found(lexer, PERCENT_SIGN);
}

// `/s`, `/5m`, `/2.5h`
static bool rate_unit(TSLexer *lexer) {
  lexer->advance(lexer, false);
  while (is_digit(lexer->lookahead)) lexer->advance(lexer, false);
  if (lexer->lookahead == '.') {
    lexer->advance(lexer, false);
    if (!is_digit(lexer->lookahead)) return false;
    while (is_digit(lexer->lookahead)) lexer->advance(lexer, false);
  }
  char word[UNIT_BYTES];
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
  lexer->result_symbol = INTERPOLATION_START;
  return true;
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

bool tree_sitter_route_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid_symbols) {
  (void)payload;
  // Everything is valid only while the parser recovers from an error.
  if (valid_symbols[NEVER]) return false;
  if (valid_symbols[INTERPOLATION_START]) return interpolation_start(lexer);
  if (!valid_symbols[TIME_UNIT]) return false;
  if (lexer->lookahead == '%') return percent_sign(lexer);
  if (lexer->lookahead == '/') return rate_unit(lexer);
  char word[UNIT_BYTES];
  read_word(lexer, word);
  if (one_of(TIME_UNITS, word)) return found(lexer, TIME_UNIT);
  return one_of(SIZE_UNITS, word) && found(lexer, SIZE_UNIT);
}
