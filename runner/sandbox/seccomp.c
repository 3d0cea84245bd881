#include "runner/sandbox/seccomp.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/support/fd.h"

#define PROFILE_MAX_BYTES (64 * 1024)
#define NAME_MAX_BYTES    64
/* The newest system call that this profile has an opinion of: mseal, 462 in every architecture's table. */
#define NEWEST_KNOWN 462

/* A row denies a call always (comparison 0) or for some arguments. Names that libseccomp or the architecture
   does not know are passed over. */
struct rule {
    const char *name;
    int error;
    enum scmp_compare comparison; /* _SCMP_CMP_MIN: whatever the arguments are */
    unsigned argument;
    uint64_t mask_or_value, value; /* of SCMP_CMP_MASKED_EQ: mask, value; else the value */
};
#define ALWAYS(call)                                                                                         \
    {                                                                                                        \
        call, EPERM, _SCMP_CMP_MIN, 0, 0, 0                                                                  \
    }
#define WHERE(call, n, op, number)                                                                           \
    {                                                                                                        \
        call, EPERM, op, n, number, 0                                                                        \
    }
#define FLAG(call, n, flag)                                                                                  \
    {                                                                                                        \
        call, EPERM, SCMP_CMP_MASKED_EQ, n, flag, flag                                                       \
    }
#define LOW_WORD(call, n, number)                                                                            \
    {                                                                                                        \
        call, EPERM, SCMP_CMP_MASKED_EQ, n, UINT32_MAX, number                                               \
    }
/* the families number to number + span, where span is a mask of low bits */
#define FAMILIES(number, span)                                                                               \
    {                                                                                                        \
        "socket", EPERM, SCMP_CMP_MASKED_EQ, 0, ~(uint64_t)(span), number                                    \
    }
/* What the kernel reads of a namespace flag is the low word; new ones that clone() cannot make (time) are in
   unshare() and clone3() alone. */
#define NAMESPACE(flag) FLAG("clone", 0, flag)

static const struct rule default_rules[] = {
    /* its flags are behind a pointer; glibc and Go take clone() after ENOSYS */
    {"clone3", ENOSYS, _SCMP_CMP_MIN, 0, 0, 0},
    /* key rings */
    ALWAYS("add_key"),
    ALWAYS("keyctl"),
    ALWAYS("request_key"),
    /* io_uring does system calls past every filter */
    ALWAYS("io_uring_setup"),
    ALWAYS("io_uring_enter"),
    ALWAYS("io_uring_register"),
    /* big kernel surfaces without use for a demo */
    ALWAYS("bpf"),
    ALWAYS("perf_event_open"),
    ALWAYS("userfaultfd"),
    ALWAYS("fanotify_init"),
    ALWAYS("lookup_dcookie"),
    ALWAYS("open_by_handle_at"),
    ALWAYS("memfd_secret"),
    /* the machine */
    ALWAYS("kexec_load"),
    ALWAYS("kexec_file_load"),
    ALWAYS("init_module"),
    ALWAYS("finit_module"),
    ALWAYS("delete_module"),
    ALWAYS("create_module"),
    ALWAYS("reboot"),
    ALWAYS("swapon"),
    ALWAYS("swapoff"),
    ALWAYS("acct"),
    ALWAYS("quotactl"),
    ALWAYS("quotactl_fd"),
    ALWAYS("syslog"),
    ALWAYS("sethostname"),
    ALWAYS("setdomainname"),
    ALWAYS("settimeofday"),
    ALWAYS("stime"),
    ALWAYS("clock_settime"),
    ALWAYS("clock_adjtime"),
    ALWAYS("adjtimex"),
    ALWAYS("iopl"),
    ALWAYS("ioperm"),
    ALWAYS("modify_ldt"),
    ALWAYS("vm86"),
    ALWAYS("vm86old"),
    ALWAYS("vhangup"),
    ALWAYS("uselib"),
    ALWAYS("nfsservctl"),
    ALWAYS("_sysctl"),
    ALWAYS("sysfs"),
    ALWAYS("ustat"),
    /* mounts and namespaces */
    ALWAYS("mount"),
    ALWAYS("umount"),
    ALWAYS("umount2"),
    ALWAYS("pivot_root"),
    ALWAYS("chroot"),
    ALWAYS("open_tree"),
    ALWAYS("move_mount"),
    ALWAYS("fsopen"),
    ALWAYS("fsconfig"),
    ALWAYS("fsmount"),
    ALWAYS("fspick"),
    ALWAYS("mount_setattr"),
    WHERE("unshare", 0, SCMP_CMP_NE, CLONE_NEWCGROUP),
    ALWAYS("setns"),
    NAMESPACE(CLONE_NEWNS),
    NAMESPACE(CLONE_NEWCGROUP),
    NAMESPACE(CLONE_NEWUTS),
    NAMESPACE(CLONE_NEWIPC),
    NAMESPACE(CLONE_NEWUSER),
    NAMESPACE(CLONE_NEWPID),
    NAMESPACE(CLONE_NEWNET),
    /* other processes; init has the demo's uid */
    ALWAYS("ptrace"),
    ALWAYS("process_vm_readv"),
    ALWAYS("process_vm_writev"),
    ALWAYS("process_madvise"),
    ALWAYS("process_mrelease"),
    ALWAYS("pidfd_getfd"),
    ALWAYS("kcmp"),
    ALWAYS("move_pages"),
    ALWAYS("migrate_pages"),
    WHERE("prlimit64", 0, SCMP_CMP_NE, 0),
    /* personality(0xffffffff) only asks */
    WHERE("personality", 0, SCMP_CMP_NE, UINT32_MAX),
    /* typing into the operator's terminal, and taking it */
    LOW_WORD("ioctl", 1, TIOCSTI),
    LOW_WORD("ioctl", 1, 0x541c /* TIOCLINUX */),
    LOW_WORD("ioctl", 1, TIOCSCTTY),
    /* UNIX 1, INET 2, INET6 10 and NETLINK 16 stay; few comparisons, because all are translated at each start
     */
    FAMILIES(0, 0),
    FAMILIES(3, 0),
    FAMILIES(4, 3),
    FAMILIES(8, 1),
    FAMILIES(11, 0),
    FAMILIES(12, 3),
    WHERE("socket", 0, SCMP_CMP_GT, AF_NETLINK)};
#define DEFAULT_RULES (sizeof default_rules / sizeof default_rules[0])

/* What a profile file says of one call. */
struct change {
    int number;
    bool allow;
};
struct changes {
    struct change *rows;
    size_t count;
    int newest; /* allowed by name: moves the limit of what is known */
};

static int add_change(struct changes *changes, int number, bool allow)
{
    if (allow && number > changes->newest)
        changes->newest = number;
    for (size_t i = 0; i < changes->count; i++) {
        if (changes->rows[i].number == number) {
            changes->rows[i].allow = allow;
            return 0;
        }
    }
    struct change *larger = reallocarray(changes->rows, changes->count + 1, sizeof *larger);
    if (!larger)
        return -ENOMEM;
    changes->rows = larger;
    changes->rows[changes->count++] = (struct change){number, allow};
    return 0;
}

static int parse_line(char *line, const char *path, unsigned row, struct changes *changes,
                      struct error *error)
{
    line[strcspn(line, "#")] = 0;
    char *rest = NULL;
    const char *verb = strtok_r(line, " \t\r", &rest);
    if (!verb)
        return 0;
    bool allow = strcmp(verb, "allow") == 0;
    if (!allow && strcmp(verb, "deny") != 0)
        return error_set(error, ERROR_USAGE, 0,
                         "%s:%u: \"%.64s\" is not a verdict; a line is \"deny NAME\" or \"allow NAME\"", path,
                         row, verb);
    const char *name = strtok_r(NULL, " \t\r", &rest);
    if (!name)
        return error_set(error, ERROR_USAGE, 0, "%s:%u: the name of a system call is missing after \"%s\"",
                         path, row, verb);
    if (strtok_r(NULL, " \t\r", &rest))
        return error_set(error, ERROR_USAGE, 0, "%s:%u: one name a line; there is more behind \"%.64s\"",
                         path, row, name);
    int number = seccomp_syscall_resolve_name(name);
    if (number < 0)
        return error_set(error, ERROR_USAGE, 0,
                         "%s:%u: libseccomp knows no system call \"%.64s\" on this machine", path, row, name);
    if (add_change(changes, number, allow) < 0)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "read the seccomp profile %s", path);
    return 0;
}

static int read_profile(const char *path, struct changes *changes, struct error *error)
{
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    int result = fd_read_file(AT_FDCWD, path, PROFILE_MAX_BYTES, &text, &size);
    if (result < 0)
        return error_set(error, ERROR_USAGE, -result, "read the seccomp profile %s", path);
    if (strlen(text) != size)
        return error_set(error, ERROR_USAGE, 0, "%s: a seccomp profile is text, without NUL bytes", path);
    unsigned row = 0;
    char *rest = text;
    char *line;
    while ((line = strsep(&rest, "\n"))) {
        result = parse_line(line, path, ++row, changes, error);
        if (result < 0)
            return result;
    }
    return 0;
}

static const struct change *find_change(const struct changes *changes, int number)
{
    for (size_t i = 0; i < changes->count; i++)
        if (changes->rows[i].number == number)
            return &changes->rows[i];
    return NULL;
}

/* What demo.c does between the barrier and execve. */
static bool is_late(const struct changes *changes)
{
    static const char *const needed[] = {"sendto",  "recvmsg", "rt_sigaction", "write",
                                         "unshare", "capset",  "exit",         "exit_group"};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        const struct change *change = find_change(changes, seccomp_syscall_resolve_name(needed[i]));
        if (change && !change->allow)
            return true;
    }
    return false;
}

static int add_rules(scmp_filter_ctx context, const struct changes *changes)
{
    for (size_t i = 0; i < DEFAULT_RULES; i++) {
        const struct rule *rule = &default_rules[i];
        int number = seccomp_syscall_resolve_name(rule->name);
        /* negative: not on this architecture; beyond the limit: ENOSYS already */
        if (number < 0 || number > NEWEST_KNOWN || find_change(changes, number))
            continue;
        struct scmp_arg_cmp argument = {.arg = rule->argument,
                                        .op = rule->comparison,
                                        .datum_a = rule->mask_or_value,
                                        .datum_b = rule->value};
        int result = seccomp_rule_add_array(context, SCMP_ACT_ERRNO((uint32_t)rule->error), number,
                                            rule->comparison != _SCMP_CMP_MIN, &argument);
        if (result < 0)
            return result;
    }
    for (size_t i = 0; i < changes->count; i++) {
        if (changes->rows[i].allow)
            continue;
        int result = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), changes->rows[i].number, 0);
        if (result < 0)
            return result;
    }
    return 0;
}

/* libseccomp cannot say "every call above N": these instructions stand before its program. The architecture
   comes first, because numbers mean nothing without it; x32's numbers are above N too. */
static size_t write_prologue(struct sock_filter *to, int newest)
{
    const struct sock_filter prologue[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seccomp_arch_native(), 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (uint32_t)newest, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    };
    memcpy(to, prologue, sizeof prologue);
    return sizeof prologue / sizeof prologue[0];
}
#define PROLOGUE 5

static int export(scmp_filter_ctx context, int newest, struct sandbox_filter *filter)
{
    AUTO_FD fd = memfd_create("seccomp", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    int result = seccomp_export_bpf(context, fd);
    if (result < 0)
        return result;
    off_t size = lseek(fd, 0, SEEK_END);
    if (size < 0)
        return -errno;
    size_t count = (size_t)size / sizeof *filter->program;
    if (count + PROLOGUE > BPF_MAXINSNS)
        return -E2BIG;
    filter->program = calloc(count + PROLOGUE, sizeof *filter->program);
    if (!filter->program)
        return -ENOMEM;
    size_t at = write_prologue(filter->program, newest);
    if (pread(fd, filter->program + at, (size_t)size, 0) != size)
        return -EIO;
    filter->length = (unsigned short)(at + count);
    return 0;
}

static int compile(const struct changes *changes, struct sandbox_filter *filter)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    if (!context)
        return -ENOMEM;
    int result = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
    /* a binary tree rather than a chain of comparisons; not in libseccomp before 2.5, and not needed */
    (void)seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (!result)
        result = add_rules(context, changes);
    if (!result)
        result = export(context, changes->newest, filter);
    filter->late = is_late(changes);
    seccomp_release(context);
    return result;
}

int sandbox_filter_compile(const char *path, struct sandbox_filter **filter, struct error *error)
{
    struct changes changes = {.newest = NEWEST_KNOWN};
    int result = path ? read_profile(path, &changes, error) : 0;
    if (result < 0) {
        free(changes.rows);
        return result;
    }
    struct sandbox_filter *made = calloc(1, sizeof *made);
    result = made ? compile(&changes, made) : -ENOMEM;
    free(changes.rows);
    if (result < 0) {
        sandbox_filter_free(made);
        return error_set(error, ERROR_INTERNAL, -result, "compile the seccomp profile %s",
                         path ? path : "(default)");
    }
    *filter = made;
    return 0;
}

void sandbox_filter_free(struct sandbox_filter *filter)
{
    if (!filter)
        return;
    free(filter->program);
    free(filter);
}

int filter_install(const struct sock_fprog *program, struct failure *failure)
{
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, program) < 0)
        return failure_set(failure, SANDBOX_STEP_SECCOMP, errno, "install the seccomp filter");
    return 0;
}
