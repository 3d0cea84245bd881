/*
 * Out of a plain chroot(2), as build environments are: its root is no mount, so that pivot_root(2) refuses
 * it, and the kernel lets nobody in one make a user namespace (kernel/user_namespace.c, create_user_ns();
 * current_chrooted()).
 */
#ifndef RUNNER_SUPPORT_CHROOT_H
#define RUNNER_SUPPORT_CHROOT_H

/* Makes the root of the caller's mount namespace its root and working directory, where it is in a chroot;
   elsewhere nothing changes. For processes with CAP_SYS_CHROOT in a mount namespace of their own: paths mean
   something else afterwards, descriptors do not. `inner`: any directory that is not the root. 0 or a negative
   errno. */
int chroot_leave(const char *inner);

#endif
