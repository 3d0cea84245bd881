/*
 * What a runner that was killed left behind, and what the next one does about it.
 */
#ifndef RUNNER_EXPERIMENT_LEFTOVERS_H
#define RUNNER_EXPERIMENT_LEFTOVERS_H

/* Folder of a staging bundle that holds executables and build files; never part of a finished bundle. */
#define WORK_FOLDER ".work"

/* For bundle_recover(): removes the work folder and cuts every trace back to its last whole packet. */
void leftovers_mend(int bundle_dir);

#endif
