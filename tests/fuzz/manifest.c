/* Any bytes as a manifest: refused with diagnostics or taken, never a crash, a leak or an endless loop. */
#include <stdint.h>
#include <stdlib.h>

#include "runner/manifest/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct experiment *experiment = NULL;
    struct error error = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *diagnostics = open_memstream(&text, &length);
    if (!diagnostics)
        abort();
    int result = manifest_parse("fuzz.yaml", (const char *)data, size, diagnostics, &experiment, &error);
    fclose(diagnostics);
    if ((result == 0) != (experiment != NULL) || (result != 0 && error.class != ERROR_USAGE))
        abort();
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < ' ' && text[i] != '\n')
            abort();
    free(text);
    experiment_free(experiment);
    return 0;
}
