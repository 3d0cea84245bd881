/*
 * A visit of the calling thread to another network namespace: sockets, links and attachments belong to the
 * namespace in which they are made (network_namespaces(7)).
 */
#ifndef RUNNER_SUPPORT_NETNS_H
#define RUNNER_SUPPORT_NETNS_H

/* Descriptor of the namespace that the calling thread is in (O_CLOEXEC), or a negative errno. */
int netns_own(void);

/* Enters `network`, a descriptor; -1: stays. *home gets what netns_leave() needs. 0 or a negative errno; then
   nothing has changed. */
int netns_enter(int network, int *home);
/* Goes home and closes *home. 0 or a negative errno: the thread is stuck where it should not be. */
int netns_leave(int *home);

#endif
