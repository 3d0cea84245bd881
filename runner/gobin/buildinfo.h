/*
 * What the linker wrote about the build: Go version, main package, modules, settings. Found in section
 * .go.buildinfo, or by its magic at the start of the writable data where the section names are gone.
 * Sources: debug/buildinfo/buildinfo.go, runtime/debug/mod.go (ParseBuildInfo), cmd/link/internal/ld/data.go.
 */
#ifndef RUNNER_GOBIN_BUILDINFO_H
#define RUNNER_GOBIN_BUILDINFO_H

#include <stdbool.h>
#include <stddef.h>

#include "runner/gobin/image.h"

struct build_setting {
    char *key, *value;
};

struct buildinfo {
    bool found;
    char *version;   /* "go1.23.5"; NULL: none */
    char *main_path; /* import path of the main package; NULL: not stated */
    char *module;    /* "path version" of the main module; NULL: not stated */
    struct build_setting *settings;
    size_t setting_count;
};

/* 0, with found false where there is no build info; -ENOMEM. */
int buildinfo_read(const struct image *image, struct buildinfo *info);
void buildinfo_free(struct buildinfo *info);

#endif
