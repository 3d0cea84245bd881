#include "runner/stats/rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/support/fd.h"

/*
 * Fills p[0..last] with P(U = u). With m <= n, row i holds the distribution for samples of (i, j) while j
 * grows: the largest of all i + j values belongs to the first sample with probability i / (i + j), and then
 * exceeds all j of the other. Only sums of positive terms: no cancellation.
 */
static double *distribution(size_t m, size_t n, size_t last)
{
    if (m > n) {
        size_t swap = m;
        m = n;
        n = swap;
    }
    size_t width = last + 1;
    double *rows = calloc((m + 1) * width, sizeof *rows);
    if (!rows)
        return NULL;
    for (size_t i = 0; i <= m; i++)
        rows[i * width] = 1; /* j = 0: U is 0 */
    for (size_t j = 1; j <= n; j++) {
        for (size_t i = 1; i <= m; i++) {
            double *row = rows + i * width;
            const double *smaller = row - width;
            double first = (double)i / (double)(i + j);
            for (size_t u = 0; u < width; u++)
                row[u] = (1 - first) * row[u] + (u >= j ? first * smaller[u - j] : 0);
        }
    }
    memmove(rows, rows + m * width, width * sizeof *rows);
    return rows;
}

double *rank_sum_table(size_t m, size_t n)
{
    if (!m || !n || m > RANK_EXACT_PAIRS_MAX / n)
        return NULL;
    double *p = distribution(m, n, m * n / 2);
    for (size_t u = 1; p && u <= m * n / 2; u++)
        p[u] += p[u - 1];
    return p;
}

double rank_sum_below(size_t m, size_t n, size_t u)
{
    if (u >= m * n)
        return 1;
    AUTO_FREE double *p = distribution(m, n, u);
    if (!p)
        return NAN;
    double sum = 0;
    for (size_t i = 0; i <= u; i++)
        sum += p[i];
    return sum;
}

/* Lehmann's large-sample interval: where the exact distribution would take too long. */
static size_t normal_rank(size_t m, size_t n, double level, double *reached)
{
    double mean = (double)(m * n) / 2;
    double deviation = sqrt((double)(m * n) * (double)(m + n + 1) / 12);
    size_t rank = 0;
    for (size_t k = 1; 2 * k <= m * n; k++) {
        double below = 0.5 * erfc((mean - ((double)k - 0.5)) / (deviation * M_SQRT2));
        if (1 - 2 * below < level)
            break;
        rank = k;
        *reached = 1 - 2 * below;
    }
    return rank;
}

size_t rank_sum_interval(size_t m, size_t n, double level, double *reached)
{
    *reached = 0;
    if (!m || !n)
        return 0;
    if (m * n > RANK_EXACT_PAIRS_MAX)
        return normal_rank(m, n, level, reached);
    AUTO_FREE double *p = distribution(m, n, m * n / 2);
    if (!p)
        return 0;
    size_t rank = 0;
    double below = 0; /* P(U <= k - 1) */
    for (size_t k = 1; 2 * k <= m * n; k++) {
        below += p[k - 1];
        if (1 - 2 * below < level)
            break;
        rank = k;
        *reached = 1 - 2 * below;
    }
    return rank;
}
