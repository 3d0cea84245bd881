#include "runner/manifest/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The first diagnostic of a text that yields no tree. */
static void assert_refused_bytes(const char *data, size_t size, const char *says, struct place place)
{
    struct diagnostics diagnostics = {.path = "t", .source = data, .size = size};
    struct tree *tree = NULL;
    cr_assert_eq(tree_parse(data, size, &diagnostics, &tree), -EINVAL);
    cr_assert_null(tree);
    cr_assert_eq(diagnostics.count, 1);
    cr_assert_not_null(strstr(diagnostics.items[0].text, says), "%s", diagnostics.items[0].text);
    if (place.line) {
        cr_assert_eq(diagnostics.items[0].place.line, place.line, "line %zu",
                     diagnostics.items[0].place.line);
        cr_assert_eq(diagnostics.items[0].place.column, place.column, "column %zu",
                     diagnostics.items[0].place.column);
    }
    diagnostics_free(&diagnostics);
}

static void assert_refused(const char *text, const char *says, size_t line, size_t column)
{
    assert_refused_bytes(text, strlen(text), says, (struct place){.line = line, .column = column});
}

static struct tree *parse(const char *text, struct diagnostics *diagnostics)
{
    struct tree *tree = NULL;
    *diagnostics = (struct diagnostics){.path = "t", .source = text, .size = strlen(text)};
    cr_assert_eq(tree_parse(text, strlen(text), diagnostics, &tree), 0);
    return tree;
}

Test(manifest_tree, nodes_know_their_place)
{
    struct diagnostics diagnostics;
    struct tree *tree = parse("a: 1\nb:\n  - \xc3\xa4\xc3\xb6: [x, \"two words\"]\n", &diagnostics);
    const struct tree_node *b = tree_get(tree->root, "b");
    cr_assert_eq(b->kind, TREE_SEQUENCE);
    const struct tree_node *list = tree_get(b->items[0], "\xc3\xa4\xc3\xb6");
    cr_assert_eq(list->items[1]->place.line, 3);
    cr_assert_eq(list->items[1]->place.column, 13);
    cr_assert_eq(list->items[1]->place.length, 11);
    cr_assert_not(list->items[1]->plain);
    cr_assert(tree_get(tree->root, "a")->plain);
    cr_assert_null(tree_get(tree->root, "c"));
    cr_assert_null(tree_get(list, "a"));
    tree_free(tree);
}

Test(manifest_tree, nothing_is_told_from_an_empty_text)
{
    struct diagnostics diagnostics;
    struct tree *tree = parse("- ~\n- null\n-\n- ''\n- \"null\"\n- x\n", &diagnostics);
    static const bool nothing[] = {true, true, true, false, false, false};
    size_t count = tree->root->count;
    cr_assert_eq(count, 6);
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(tree_is_nothing(tree->root->items[i]), nothing[i], "entry %zu", i);
    tree_free(tree);
}

Test(manifest_tree, duplicate_keys_are_told_and_the_first_stays)
{
    struct diagnostics diagnostics;
    struct tree *tree = parse("a: 1\nb: 2\na: 3\n\"a\": 4\n", &diagnostics);
    cr_assert_eq(diagnostics.count, 2);
    cr_assert_eq(diagnostics.items[0].place.line, 3);
    cr_assert_eq(tree->root->count, 4);
    cr_assert_str_eq(tree_get(tree->root, "a")->text, "1");
    diagnostics_free(&diagnostics);
    tree_free(tree);
}

Test(manifest_tree, an_alias_is_the_same_node)
{
    struct diagnostics diagnostics;
    struct tree *tree = parse("a: &x [1]\nb: *x\n", &diagnostics);
    cr_assert_eq(tree_get(tree->root, "a"), tree_get(tree->root, "b"));
    tree_free(tree);
}

Test(manifest_tree, alias_bombs_are_refused)
{
    assert_refused("a: &a [*a]\n", "the alias stands inside of what it names", 1, 8);
    assert_refused("a: *b\n", "anchor that is not there", 1, 4);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    fputs("a0: &a0 [x, x, x, x, x, x, x, x, x]\n", out);
    for (unsigned i = 1; i < 20; i++) {
        fprintf(out, "a%u: &a%u [", i, i);
        for (unsigned j = 0; j < 9; j++)
            fprintf(out, "*a%u%s", i - 1, j < 8 ? ", " : "]\n");
    }
    fclose(out);
    assert_refused_bytes(text, size, "too large with its aliases written out", (struct place){.line = 0});
    free(text);
}

Test(manifest_tree, many_anchors_are_refused)
{
    char text[4096] = "";
    for (unsigned i = 0; i < 101; i++)
        sprintf(text + strlen(text), "- &a%u x\n", i);
    assert_refused(text, "more than 100 anchors", 101, 3);
}

static void assert_repeated_refused(const char *piece, size_t times, const char *says)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    for (size_t i = 0; i < times; i++)
        fputs(piece, out);
    fclose(out);
    assert_refused_bytes(text, size, says, (struct place){.line = 0});
    free(text);
}

Test(manifest_tree, depth_nodes_and_texts_are_bounded)
{
    assert_repeated_refused("[", 1000000, "nested more than 16 levels");
    assert_repeated_refused("{a: ", 250000, "nested more than 16 levels");
    assert_repeated_refused("- ", 500000, "nested more than 16 levels");
    assert_repeated_refused("- x\n", 250000, "more than 20000 keys and values");
    assert_repeated_refused("x", 1000000, "a text of more than 65536 bytes");
}

Test(manifest_tree, many_keys_take_no_quadratic_time)
{
    char *text = NULL;
    size_t size = 0;
    struct diagnostics diagnostics;
    FILE *out = open_memstream(&text, &size);
    for (unsigned i = 0; i < 9990; i++)
        fprintf(out, "key%u: x\n", i);
    fclose(out);
    struct tree *tree = parse(text, &diagnostics);
    cr_assert_eq(tree->root->count, 2 * 9990);
    cr_assert_eq(diagnostics.count, 0);
    tree_free(tree);
    free(text);
}

Test(manifest_tree, broken_yaml_is_told_with_its_place)
{
    assert_refused("a:\n\t- b\n", "a tab where YAML wants spaces", 2, 1);
    assert_refused("a: @b\n", "a value that begins with '@' needs quotes", 1, 4);
    assert_refused("a: [b\nc: d\n", "not valid YAML", 0, 0);
    assert_refused("a: b: c\n", "mapping values are not allowed in this context", 1, 5);
    assert_refused("a: b\n---\nc: d\n", "a manifest is one YAML document", 2, 1);
    assert_refused("a: 'b\n", "not valid YAML: found unexpected end of stream", 0, 0);
}

Test(manifest_tree, only_plain_utf8_passes)
{
    static const char utf16[] = "\xff\xfe"
                                "a\0:\0 \0b\0";
    assert_refused("a: b\nc: \x1b[31m\n", "the character \\x1b is not allowed", 2, 4);
    assert_refused("a: \xff\n", "the byte \\xff is not UTF-8", 1, 4);
    assert_refused("a: \xc0\x80\n", "is not UTF-8", 1, 4);
    assert_refused("a: \xed\xa0\x80\n", "is not UTF-8", 1, 4);
    assert_refused("a: \xc3\xa4 \xe2\x80\xa8\n", "the character \\u2028 is not allowed", 1, 6);
    assert_refused("a: \xc2\x85\n", "the character \\x85 is not allowed", 1, 4);
    assert_refused_bytes(utf16, sizeof utf16 - 1, "is not UTF-8", (struct place){.line = 1, .column = 1});
    assert_refused_bytes("a\0b", 3, "the character \\x00 is not allowed",
                         (struct place){.line = 1, .column = 2});
}
