#include <criterion/criterion.h>
#include <string.h>

#include "cgroup/hierarchy.h"

#define MOUNT(root, at, options, type, super)                                                                \
    "30 29 0:26 " root " " at " " options " - " type " none " super "\n"

static void parse(const char *self, const char *mounts, struct hierarchy_list *list)
{
    cr_assert_eq(hierarchy_parse(self, mounts, list), 0);
}

Test(cgroup_hierarchy, finds_the_own_group_of_a_pure_v2_host)
{
    struct hierarchy_list list;
    parse("0::/user.slice/user-0.slice\n",
          "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" MOUNT("/", "/sys/fs/cgroup", "rw,nosuid", "cgroup2", "rw"),
          &list);
    const struct hierarchy *v2 = hierarchy_v2(&list);
    cr_assert_not_null(v2);
    cr_expect_str_eq(v2->directory, "/sys/fs/cgroup/user.slice/user-0.slice");
    cr_expect_not(v2->read_only);
    cr_expect_null(hierarchy_v1(&list, CONTROLLER_CPU));
    hierarchy_list_free(&list);
}

Test(cgroup_hierarchy, finds_v1_hierarchies_with_several_controllers)
{
    struct hierarchy_list list;
    parse("5:name=systemd:/x\n4:cpu,cpuacct:/a\n3:net_cls,net_prio:/\n2:memory:/b/c\n1:blkio:/\n0::/d\n",
          MOUNT("/", "/c/cpu,cpuacct", "rw", "cgroup", "rw,cpu,cpuacct")
              MOUNT("/", "/c/memory", "rw shared:9 master:3", "cgroup", "rw,memory")
                  MOUNT("/", "/c/systemd", "rw", "cgroup", "rw,name=systemd")
                      MOUNT("/", "/c/unified", "rw", "cgroup2", "rw"),
          &list);
    cr_expect_eq(list.count, 4, "cpu, memory, blkio, v2");
    cr_expect_str_eq(hierarchy_v1(&list, CONTROLLER_CPU)->directory, "/c/cpu,cpuacct/a");
    cr_expect_str_eq(hierarchy_v1(&list, CONTROLLER_MEMORY)->directory, "/c/memory/b/c");
    cr_expect_null(hierarchy_v1(&list, CONTROLLER_PIDS));
    cr_expect_null(hierarchy_v1(&list, CONTROLLER_IO)->mount, "bound, not mounted");
    cr_expect_str_eq(hierarchy_v2(&list)->directory, "/c/unified/d");
    hierarchy_list_free(&list);
}

Test(cgroup_hierarchy, takes_off_the_root_of_a_bind_mount)
{
    struct hierarchy_list list;
    parse("1:cpu:/docker/1f/x\n0::/docker/1f\n",
          MOUNT("/docker/1f", "/cg/cpu", "rw", "cgroup", "rw,cpu")
              MOUNT("/docker/1f", "/cg/unified", "rw", "cgroup2", "rw"),
          &list);
    cr_expect_str_eq(hierarchy_v1(&list, CONTROLLER_CPU)->directory, "/cg/cpu/x");
    cr_expect_str_eq(hierarchy_v2(&list)->directory, "/cg/unified");
    hierarchy_list_free(&list);
}

Test(cgroup_hierarchy, has_no_directory_where_no_mount_shows_the_group)
{
    struct hierarchy_list list;
    parse("2:cpu:/docker/1fe\n1:memory:/../outside\n",
          MOUNT("/docker/1f", "/cg/cpu", "rw", "cgroup", "rw,cpu")
              MOUNT("/", "/cg/memory", "rw", "cgroup", "rw,memory"),
          &list);
    cr_expect_str_eq(hierarchy_v1(&list, CONTROLLER_CPU)->mount, "/cg/cpu");
    cr_expect_null(hierarchy_v1(&list, CONTROLLER_CPU)->directory, "1fe is not below 1f");
    cr_expect_null(hierarchy_v1(&list, CONTROLLER_MEMORY)->directory);
    hierarchy_list_free(&list);
}

Test(cgroup_hierarchy, prefers_a_writable_mount)
{
    struct hierarchy_list list;
    parse("0::/a\n",
          MOUNT("/", "/ro", "ro", "cgroup2", "rw") MOUNT("/", "/rw", "rw", "cgroup2", "rw")
              MOUNT("/b", "/other", "rw", "cgroup2", "rw"),
          &list);
    cr_expect_str_eq(hierarchy_v2(&list)->directory, "/rw/a");
    cr_expect_not(hierarchy_v2(&list)->read_only);
    hierarchy_list_free(&list);
}

Test(cgroup_hierarchy, unescapes_mount_points)
{
    struct hierarchy_list list;
    parse("0::/\n", MOUNT("/", "/a\\040b\\134\\x", "rw", "cgroup2", "rw"), &list);
    cr_expect_str_eq(hierarchy_v2(&list)->directory, "/a b\\\\x");
    hierarchy_list_free(&list);
}

Test(cgroup_hierarchy, survives_damaged_texts)
{
    static const char *const texts[] = {"",
                                        "\n\n",
                                        "0",
                                        "0:",
                                        "0::",
                                        "1:cpu",
                                        "::/x",
                                        "0::x\n",
                                        "30 29 - cgroup2",
                                        " - cgroup2 none rw",
                                        "30 - cgroup",
                                        " - ",
                                        "\\"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t j = 0; j < sizeof texts / sizeof *texts; j++) {
            struct hierarchy_list list;
            parse(texts[i], texts[j], &list);
            cr_expect_eq(list.count, 0);
            hierarchy_list_free(&list);
        }
}

Test(cgroup_hierarchy, converts_controller_lists)
{
    char text[128];
    unsigned bits = controllers_parse("cpuset cpu io hugetlb pids", " ");
    cr_expect_str_eq(controllers_format(bits, '+', text, sizeof text), "+cpu +pids +cpuset +io");
    cr_expect_eq(controllers_parse("cpuacct,blkio", ","), CONTROLLER_BIT(CONTROLLER_IO));
    cr_expect_str_eq(controllers_format(0, '+', text, sizeof text), "");
    cr_expect_str_eq(controllers_format(bits, '-', text, 8), "-cpu", "whole names only");
}
