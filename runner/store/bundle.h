/*
 * The result folder: staging, atomic finish, recovery of what a killed writer left.
 *
 * A bundle is written below `<out>/.<name>.partial`, whose directory is flocked while its writer lives, and
 * renamed to
 * `<experiment>-<UTC time>-<id>` by bundle_finish(); the `latest` link is replaced last. Names inside come
 * from the manifest's checked names only; access is by directory descriptors.
 */
#ifndef RUNNER_STORE_BUNDLE_H
#define RUNNER_STORE_BUNDLE_H

#include <jansson.h>
#include <stddef.h>

#include "runner/support/error.h"

#define BUNDLE_SCHEMA 1

struct bundle;

/* Finds staging folders in `out` whose writer is dead (their flock is free). One that has an experiment.json
   is given to `mend` (may be NULL; `dir` is its descriptor), gets its checksums and becomes a bundle (its
   experiment.json says
   `"complete": false`); one without is removed. Returns their number. A missing `out` is 0. */
int bundle_recover(const char *out, void (*mend)(int dir), struct error *error);

/* `out`: where bundles go; made when missing. */
int bundle_create(const char *out, const char *experiment, struct bundle **bundle, struct error *error);
/* Descriptor of the staging folder (for openat), and the final name. Owned by the bundle. */
int bundle_dir(const struct bundle *bundle);
const char *bundle_name(const struct bundle *bundle);
/* demos/<demo>/trial-NNN-<role>: makes it and returns a descriptor that the caller owns, or a negative errno.
   `path` gets the path relative to the bundle. */
int bundle_trial_dir(const struct bundle *bundle, const char *demo, unsigned number, const char *role,
                     char *path, size_t size, struct error *error);
/* SHA256SUMS over all files, syncfs, rename, `latest`; frees the bundle in any case. On success `path` gets
   `<out>/<name>`. On failure the staging folder stays for bundle_recover(). */
int bundle_finish(struct bundle *bundle, char *path, size_t size, struct error *error);
/* Leaves the staging folder for bundle_recover(). */
void bundle_abandon(struct bundle *bundle);
/* Throws the staging folder away. NULL is fine. */
void bundle_discard(struct bundle *bundle);

/* Opens an existing bundle; refuses what is none or has a newer schema. Returns a directory descriptor that
   the caller owns; `experiment` (may be NULL) gets experiment.json. */
int bundle_open(const char *path, json_t **experiment, struct error *error);

#endif
