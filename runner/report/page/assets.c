#include "runner/report/page/assets.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* The assembler reads the files, from the top folder, where make runs. */
#define FILE_OF(path)      ".incbin \"runner/report/web/" path "\"\n"
#define EMBED(name, files) __asm__(".section .rodata\n" name ":\n" files ".byte 0\n.previous\n")

EMBED("report_style", FILE_OF("style.css") FILE_OF("views.css") FILE_OF("figure.css"));
EMBED("report_figure_style", FILE_OF("figure.css"));
EMBED("report_script", FILE_OF("dist/report.js"));

#define HIDDEN __attribute__((visibility("hidden")))
extern const char report_style[] HIDDEN;
extern const char report_figure_style[] HIDDEN;
extern const char report_script[] HIDDEN;

static struct asset asset_of(const char *text)
{
    struct asset asset = {.text = text};
    unsigned char digest[crypto_hash_sha256_BYTES];
    char base64[sodium_base64_ENCODED_LEN(sizeof digest, sodium_base64_VARIANT_ORIGINAL)];
    crypto_hash_sha256(digest, (const unsigned char *)text, strlen(text));
    sodium_bin2base64(base64, sizeof base64, digest, sizeof digest, sodium_base64_VARIANT_ORIGINAL);
    snprintf(asset.hash, sizeof asset.hash, "sha256-%s", base64);
    return asset;
}

struct asset asset_style(void)
{
    return asset_of(report_style);
}

struct asset asset_script(void)
{
    return asset_of(report_script);
}

struct asset asset_figure_style(void)
{
    return asset_of(report_figure_style);
}
