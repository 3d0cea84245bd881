#include "runner/manifest/paths.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

static void assert_resolved(const char *folder, const char *path, const char *expected)
{
    char *resolved = paths_resolve(folder, path);
    cr_assert_str_eq(resolved, expected);
    free(resolved);
}

Test(manifest_paths, relative_paths_begin_at_the_folder)
{
    assert_resolved("/a/b", "c", "/a/b/c");
    assert_resolved("/a/b", "./c/d", "/a/b/c/d");
    assert_resolved("/a/b", "../c", "/a/c");
    assert_resolved("/a/b", "../../c", "/c");
    assert_resolved("/a/b", "../../../../c", "/c");
    assert_resolved("/a/b", "..", "/a");
    assert_resolved("/a/b", "../..", "/");
    assert_resolved("/a/b", ".", "/a/b");
    assert_resolved("/a/b", "./.././/c", "/a/c");
    assert_resolved("/a/b", ".hidden", "/a/b/.hidden");
    assert_resolved("/a/b", "..hidden", "/a/b/..hidden");
    assert_resolved("/", "c", "/c");
    assert_resolved("/a", "/b", "/b");
}

Test(manifest_paths, what_follows_a_name_is_left_to_the_kernel)
{
    assert_resolved("/a/b", "link/../c", "/a/b/link/../c");
}

Test(manifest_paths, climbing_and_reserved_paths_are_told)
{
    cr_assert(paths_climbs("/a/../b"));
    cr_assert(paths_climbs(".."));
    cr_assert(paths_climbs("/a/.."));
    cr_assert_not(paths_climbs("/a/..b/c.."));
    cr_assert(paths_reserved("/"));
    cr_assert(paths_reserved("//"));
    cr_assert(paths_reserved("/proc"));
    cr_assert(paths_reserved("//./proc/self"));
    cr_assert(paths_reserved("/tmp/x"));
    cr_assert_not(paths_reserved("/procession"));
    cr_assert_not(paths_reserved("/usr/share"));
}

Test(manifest_paths, an_absolute_path_has_a_real_folder)
{
    char *here = getcwd(NULL, 0);
    char *path = paths_absolute("./absent.yaml");
    char *folder = paths_folder(path);
    cr_assert_str_eq(folder, here);
    free(folder);
    free(path);
    free(here);
    path = paths_absolute("/proc/self/../absent.yaml");
    cr_assert_str_eq(path, "/proc/absent.yaml");
    free(path);
}
