#include "runner/support/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 5, 0))) static int fill(struct error *error, enum error_class class, int number,
                                                      const char *mend, const char *format, va_list args)
{
    if (error) {
        error->class = class;
        error->number = number;
        size_t used = 0;
        int n = vsnprintf(error->text, sizeof error->text, format, args);
        if (n > 0)
            used = (size_t)n < sizeof error->text ? (size_t)n : sizeof error->text - 1;
        if (number) {
            n = snprintf(error->text + used, sizeof error->text - used, ": %s", strerror(number));
            if (n > 0)
                used = used + (size_t)n < sizeof error->text ? used + (size_t)n : sizeof error->text - 1;
        }
        if (mend)
            snprintf(error->text + used, sizeof error->text - used, ". %s", mend);
    }
    return number ? -number : -EINVAL;
}

int error_set(struct error *error, enum error_class class, int number, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int result = fill(error, class, number, NULL, format, args);
    va_end(args);
    return result;
}

int error_mend(struct error *error, enum error_class class, int number, const char *mend, const char *format,
               ...)
{
    va_list args;
    va_start(args, format);
    int result = fill(error, class, number, mend, format, args);
    va_end(args);
    return result;
}

int error_prefix(struct error *error, const char *format, ...)
{
    if (!error)
        return -EINVAL;
    char prefix[512];
    va_list args;
    va_start(args, format);
    vsnprintf(prefix, sizeof prefix, format, args);
    va_end(args);
    char text[sizeof error->text];
    memcpy(text, error->text, sizeof text);
    snprintf(error->text, sizeof error->text, "%s: %.1500s", prefix, text);
    return error->number ? -error->number : -EINVAL;
}
