/* The program of the reader role, small and inside this one: it maps a third of the libraries, holds no code
 * for network, database or PDF, and forks in half the time (DESIGN 1, 5). */
#pragma once

/* A new descriptor of it, to be executed with fexecve(3); -1 where there is none (sanitizer builds, a system
 * that refuses executable memory): then the role runs in this program itself. The caller closes it. */
int reader_image_open(void);
