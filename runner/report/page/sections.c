#include "runner/report/page/sections.h"

#include "runner/report/page/html.h"
#include "runner/report/page/verdict.h"

/* Sections that the page's script draws have a module of their own, too: a row here, whose write function
   puts the element, what stands in it without a script, and the block of data. */
const struct section sections[] = {
    {"verdict", "Verdict",
     "The first sentence says which demo is better and by how much; the interval is where the true "
     "difference "
     "lies in 95 of 100 such experiments. Below it stands what moved together with it: hints of where to "
     "look, "
     "no proof.",
     verdict_section},
    {0},
};

void section_missing(FILE *out, const char *reason, const char *key)
{
    html_put(out, "<p class=\"missing\">Not shown: %s.", reason);
    if (key)
        html_put(out, " The manifest's <code>%s</code> gives it.", key);
    fputs("</p>\n", out);
}
