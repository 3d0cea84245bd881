/*
 * Characters of untrusted text: strict decoding, and escapes for showing them to a person.
 *
 * What a manifest holds is shown in messages. Control characters, invalid bytes and the invisible characters
 * that turn the direction of a text (Unicode UAX #9; "Trojan Source", Boucher and Anderson 2021) are written
 * as escapes, so that a terminal never acts on them.
 */
#ifndef RUNNER_MANIFEST_UTF8_H
#define RUNNER_MANIFEST_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes one character (RFC 3629: no overlong forms, no surrogates). Returns its bytes, 0 where the bytes at
   `at` are none; at < end. */
size_t utf8_decode(const char *at, const char *end, uint32_t *code);

/* Writes the character at `at` as it may be shown: itself, or an escape. Returns the bytes that it took and
   puts the columns of what was written into *columns. */
size_t utf8_show(const char *at, const char *end, char out[16], size_t *columns);

/* Whether libyaml's reader (YAML 1.1, section 5.1) takes the character and every editor agrees that it is
   not the end of a line. */
bool utf8_printable(uint32_t code);

struct quote {
    char text[192];
};
/* The text in escaped form, cut with "..." behind some 60 characters; returns quote->text. */
const char *quote(struct quote *quote, const char *text, size_t length);

#endif
