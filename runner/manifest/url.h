/*
 * The URL of a load, taken apart. Pure; nothing is looked up: the load runs in a network namespace that has
 * no name server.
 */
#ifndef RUNNER_MANIFEST_URL_H
#define RUNNER_MANIFEST_URL_H

#include "runner/manifest/load.h"

/* NULL, or what is wrong with it in words that follow "it". -ENOMEM's word is "does not fit into memory".
   `url` is filled only on success; its strings are the caller's (free). */
const char *url_parse(const char *text, struct load_url *url);

#endif
