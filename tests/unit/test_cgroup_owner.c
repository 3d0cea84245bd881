#include <criterion/criterion.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup/owner.h"

#define BOOT "0123456789abcdef0123456789abcdef"

Test(cgroup_owner, writes_and_reads_its_name)
{
    struct owner self;
    struct owner again;
    struct error error = {0};
    char name[OWNER_NAME_MAX];
    cr_assert_eq(owner_self(&self, &error), 0, "%s", error.text);
    cr_expect_eq(self.pid, (uint64_t)getpid());
    owner_format(&self, OWNER_GROUP, name);
    cr_assert(owner_parse(name, OWNER_GROUP, &again));
    cr_expect_str_eq(again.boot, self.boot);
    cr_expect_eq(again.pid_namespace, self.pid_namespace);
    cr_expect_eq(again.pid, self.pid);
    cr_expect_eq(again.start_time, self.start_time);
    cr_expect_not(owner_parse(name, OWNER_LEAF, &again));
    owner_format(&self, OWNER_LEAF, name);
    cr_expect_not(owner_parse(name, OWNER_GROUP, &again), "a leaf is no experiment");
}

Test(cgroup_owner, refuses_other_names)
{
    static const char *const names[] = {
        "",
        "runner",
        "runner-",
        "runner-" BOOT,
        "runner-" BOOT "-1-2",
        "runner-" BOOT "-1-2-",
        "runner-" BOOT "-1-2-3x",
        "runner-" BOOT "-1-2-3-4",
        "runner-" BOOT "-1--2-3",
        "runner-" BOOT "- 1-2-3",
        "runner-" BOOT "-1-2-99999999999999999999999",
        "runner-0123-1-2-3",
        "xrunner-" BOOT "-1-2-3",
    };
    struct owner owner;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect_not(owner_parse(names[i], OWNER_GROUP, &owner), "%s", names[i]);
    cr_expect(owner_parse("runner-" BOOT "-1-2-3", OWNER_GROUP, &owner));
}

Test(cgroup_owner, reads_stat_whatever_the_command_is_called)
{
    uint64_t pid;
    uint64_t start_time;
    char state;
    cr_assert(owner_parse_stat("42 (a) S (b) ) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21",
                               &pid, &state, &start_time));
    cr_expect_eq(pid, 42);
    cr_expect_eq(state, 'R');
    cr_expect_eq(start_time, 4711);
    cr_expect_not(owner_parse_stat("42 (a) R 1 2", &pid, &state, &start_time));
    cr_expect_not(owner_parse_stat("", &pid, &state, &start_time));
}

Test(cgroup_owner, tells_the_living_from_the_dead)
{
    struct owner self;
    cr_assert_eq(owner_self(&self, NULL), 0);
    cr_expect_not(owner_is_dead(&self, &self));

    struct owner other = self;
    other.start_time++;
    cr_expect(owner_is_dead(&other, &self), "the pid was reused");
    other = self;
    other.boot[0] = other.boot[0] == '0' ? '1' : '0';
    cr_expect(owner_is_dead(&other, &self), "before a reboot");
    other = self;
    other.pid_namespace++;
    other.pid = UINT64_MAX;
    cr_expect_not(owner_is_dead(&other, &self), "nobody here can tell");
    other.pid_namespace--;
    cr_expect(owner_is_dead(&other, &self));
}

Test(cgroup_owner, counts_a_zombie_as_dead)
{
    struct owner self;
    struct owner child;
    int pipes[2];
    cr_assert_eq(owner_self(&self, NULL), 0);
    cr_assert_eq(pipe(pipes), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int result = owner_self(&child, NULL);
        _exit(result < 0 || write(pipes[1], &child, sizeof child) != (ssize_t)sizeof child);
    }
    siginfo_t info;
    cr_assert_eq(read(pipes[0], &child, sizeof child), (ssize_t)sizeof child);
    cr_assert_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    cr_expect(owner_is_dead(&child, &self));
    waitpid(pid, NULL, 0);
    cr_expect(owner_is_dead(&child, &self));
}
