/* Executables that lie: every one is read to its end, in bounds and in time, and tells nothing false. */
#include <criterion/criterion.h>
#include <dwarf.h>
#include <elf.h>
#include <string.h>

#include "runner/gobin/debuginfo.h"
#include "runner/gobin/image.h"
#include "runner/support/fd.h"
#include "tests/unit/elf_maker.h"

/* --- DWARF -----------------------------------------------------------------------------------------------
 */

/* Abbreviations of all cases, by number. */
enum {
    UNIT = 1,  /* with children */
    STRUCTURE, /* name in place, byte_size; with children */
    BY_OFFSET, /* the same, its name in .debug_str */
    MEMBER,    /* name in place, place, type */
    NUMBER,    /* a base type: byte_size */
    TYPEDEF,   /* type */
    LINKED,    /* a structure without a size of its own: abstract_origin */
    SIBLING,   /* a structure that says where the next one is; with children */
    ARRAY,     /* type; with children */
    BOUND,     /* of an array: count */
};

static void put_abbreviation(struct made_bytes *to, unsigned number, unsigned tag, bool children,
                             const unsigned (*attributes)[2], size_t count)
{
    put_number(to, number);
    put_number(to, tag);
    put_u8(to, children);
    for (size_t i = 0; i < count; i++) {
        put_number(to, attributes[i][0]);
        put_number(to, attributes[i][1]);
    }
    put_u16(to, 0);
}

#define ABBREVIATION(to, number, tag, children, ...)                                                         \
    do {                                                                                                     \
        static const unsigned attributes_[][2] = {__VA_ARGS__};                                              \
        put_abbreviation(to, number, tag, children, attributes_, sizeof attributes_ / sizeof *attributes_);  \
    } while (0)

static void put_abbreviations(struct made_bytes *to)
{
    to->size = 0;
    put_abbreviation(to, UNIT, DW_TAG_compile_unit, true, NULL, 0);
    ABBREVIATION(to, STRUCTURE, DW_TAG_structure_type, true, {DW_AT_name, DW_FORM_string},
                 {DW_AT_byte_size, DW_FORM_udata});
    ABBREVIATION(to, BY_OFFSET, DW_TAG_structure_type, true, {DW_AT_name, DW_FORM_strp},
                 {DW_AT_byte_size, DW_FORM_udata});
    ABBREVIATION(to, MEMBER, DW_TAG_member, false, {DW_AT_name, DW_FORM_string},
                 {DW_AT_data_member_location, DW_FORM_udata}, {DW_AT_type, DW_FORM_ref4});
    ABBREVIATION(to, NUMBER, DW_TAG_base_type, false, {DW_AT_byte_size, DW_FORM_udata});
    ABBREVIATION(to, TYPEDEF, DW_TAG_typedef, false, {DW_AT_type, DW_FORM_ref4});
    ABBREVIATION(to, LINKED, DW_TAG_structure_type, false, {DW_AT_abstract_origin, DW_FORM_ref4});
    ABBREVIATION(to, SIBLING, DW_TAG_structure_type, true, {DW_AT_sibling, DW_FORM_ref4});
    ABBREVIATION(to, ARRAY, DW_TAG_array_type, true, {DW_AT_type, DW_FORM_ref4});
    ABBREVIATION(to, BOUND, DW_TAG_subrange_type, false, {DW_AT_count, DW_FORM_udata});
    put_u8(to, 0);
}

static struct made_bytes info, abbreviations, strings;

static void begin_unit(void)
{
    put_abbreviations(&abbreviations);
    info.size = strings.size = 0;
    put_text(&strings, "runtime.g");
    put_u32(&info, 0); /* the length, end_unit() knows */
    put_u16(&info, 4);
    put_u32(&info, 0);
    put_u8(&info, 8);
    put_number(&info, UNIT);
}

static void end_unit(void)
{
    put_u8(&info, 0);
    uint32_t length = (uint32_t)info.size - 4;
    memcpy(info.bytes, &length, sizeof length);
}

static uint32_t put_number_type(unsigned size)
{
    uint32_t at = (uint32_t)info.size;
    put_number(&info, NUMBER);
    put_number(&info, size);
    return at;
}

static void begin_structure(const char *name, uint64_t size)
{
    put_number(&info, STRUCTURE);
    put_text(&info, name);
    put_number(&info, size);
}

static void put_member(const char *name, uint64_t place, uint32_t type)
{
    put_number(&info, MEMBER);
    put_text(&info, name);
    put_number(&info, place);
    put_u32(&info, type);
}

/* runtime.g with its goid at 152, of that type. */
static void put_g(uint32_t type)
{
    begin_structure("runtime.g", 400);
    put_member("goid", 152, type);
    put_u8(&info, 0);
}

static int make_debug_file(void)
{
    const struct made_section sections[] = {
        {".debug_info", SHT_PROGBITS, 0, info.bytes, info.size, 0, 0, 0},
        {".debug_abbrev", SHT_PROGBITS, 0, abbreviations.bytes, abbreviations.size, 0, 0, 0},
        {".debug_str", SHT_PROGBITS, 0, strings.bytes, strings.size, 0, 0, 0},
    };
    return elf_make(sections, sizeof sections / sizeof *sections);
}

/* Offset of runtime.g.goid, of 8 bytes; UINT32_MAX: not found. */
static uint32_t find_goid(int fd)
{
    struct debuginfo_member member = {.structure = "runtime.g", .member = "goid", .size = 8};
    struct image image;
    cr_assert_eq(image_open(fd, "made", &image, NULL), 0);
    bool read = debuginfo_read(&image, &member, 1);
    image_close(&image);
    made_read(fd);
    return read && member.found ? member.offset : UINT32_MAX;
}

static void expect_goid(uint32_t offset)
{
    end_unit();
    AUTO_FD fd = make_debug_file();
    cr_expect_eq(find_goid(fd), offset);
}

Test(gobin_hostile, what_is_made_here_is_read_where_it_does_not_lie)
{
    begin_unit();
    put_g(put_number_type(8));
    expect_goid(152);
}

Test(gobin_hostile, a_string_beyond_its_section_is_no_name)
{
    begin_unit();
    uint32_t type = put_number_type(8);
    put_number(&info, BY_OFFSET);
    put_u32(&info, 0xfffffff0);
    put_number(&info, 400);
    put_member("goid", 8, type);
    put_u8(&info, 0);
    put_g(type);
    expect_goid(152);
}

Test(gobin_hostile, a_string_without_an_end_is_no_name)
{
    begin_unit();
    uint32_t type = put_number_type(8);
    put_number(&info, BY_OFFSET);
    put_u32(&info, 0);
    put_number(&info, 400);
    put_member("goid", 8, type);
    put_u8(&info, 0);
    strings.size -= 1; /* its last byte was the end */
    expect_goid(UINT32_MAX);
    begin_unit();
    put_number(&info, STRUCTURE);
    for (unsigned i = 0; i < 1000; i++)
        put_u8(&info, 'a');
    info.size -= 1;
    end_unit();
    info.bytes[info.size - 1] = 'a';
    AUTO_FD fd = make_debug_file();
    cr_expect_eq(find_goid(fd), UINT32_MAX);
}

Test(gobin_hostile, types_that_lead_to_themselves_end)
{
    begin_unit();
    uint32_t type = (uint32_t)info.size;
    put_number(&info, TYPEDEF);
    put_u32(&info, type);
    put_g(type);
    expect_goid(UINT32_MAX);
    begin_unit();
    type = (uint32_t)info.size;
    put_number(&info, LINKED);
    put_u32(&info, type);
    put_g(type);
    expect_goid(UINT32_MAX);
    begin_unit();
    type = (uint32_t)info.size;
    put_number(&info, ARRAY);
    put_u32(&info, type);
    put_number(&info, BOUND);
    put_number(&info, 2);
    put_u8(&info, 0);
    put_g(type);
    expect_goid(UINT32_MAX);
}

Test(gobin_hostile, a_reference_beyond_the_unit_leads_nowhere)
{
    begin_unit();
    put_g(0xfffffff0);
    expect_goid(UINT32_MAX);
    begin_unit();
    put_g(0);
    expect_goid(UINT32_MAX);
}

Test(gobin_hostile, sizes_and_places_that_overflow_are_none)
{
    begin_unit();
    uint32_t type = put_number_type(8);
    uint32_t array = (uint32_t)info.size;
    put_number(&info, ARRAY); /* 2^61 + 1 of 8 bytes: 8 in 64 bits */
    put_u32(&info, type);
    put_number(&info, BOUND);
    put_number(&info, (UINT64_C(1) << 61) + 1);
    put_u8(&info, 0);
    begin_structure("runtime.g", UINT64_MAX);
    put_member("goid", UINT64_MAX, type);
    put_u8(&info, 0);
    begin_structure("runtime.g", UINT64_MAX);
    put_member("goid", UINT32_MAX, type);
    put_u8(&info, 0);
    (void)array;
    expect_goid(UINT32_MAX);
}

/* A structure says that the next one stands before it: a walk that believes it never ends. */
Test(gobin_hostile, siblings_in_a_circle_end, .timeout = 60)
{
    begin_unit();
    uint32_t first = put_number_type(8);
    put_number(&info, SIBLING);
    put_u32(&info, first);
    put_u8(&info, 0);
    put_g(first);
    end_unit();
    AUTO_FD fd = make_debug_file();
    find_goid(fd); /* whatever it is: it comes back */
}

Test(gobin_hostile, the_same_structure_again_and_again_is_looked_into_so_often, .timeout = 60)
{
    begin_unit();
    uint32_t type = put_number_type(4); /* of another size */
    for (unsigned i = 0; i < 2000; i++)
        put_g(type);
    expect_goid(UINT32_MAX);
}

Test(gobin_hostile, units_that_lie_about_their_length_end)
{
    static const uint32_t lengths[] = {0, 1, 6, 0x7fffffff, 0xfffffff0, 0xffffffff};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        begin_unit();
        put_g(put_number_type(8));
        end_unit();
        memcpy(info.bytes, &lengths[i], sizeof lengths[i]);
        AUTO_FD fd = make_debug_file();
        uint32_t found = find_goid(fd);
        cr_expect(found == UINT32_MAX || found == 152, "%#x: %u", lengths[i], found);
    }
}

Test(gobin_hostile, abbreviations_that_are_not_there_end_the_walk)
{
    begin_unit();
    put_number(&info, 77);
    put_g(put_number_type(8));
    expect_goid(UINT32_MAX);
    begin_unit();
    put_g(put_number_type(8));
    abbreviations.size = 1;
    expect_goid(UINT32_MAX);
}

/* --- sections --------------------------------------------------------------------------------------------
 */

static void expect_no_debug_info(const struct made_section *debug_info)
{
    const struct made_section sections[] = {
        *debug_info,
        {".debug_abbrev", SHT_PROGBITS, 0, abbreviations.bytes, abbreviations.size, 0, 0, 0},
    };
    AUTO_FD fd = elf_make(sections, sizeof sections / sizeof *sections);
    cr_expect_eq(find_goid(fd), UINT32_MAX);
}

Test(gobin_hostile, a_section_outside_of_the_file_is_not_read)
{
    begin_unit();
    put_g(put_number_type(8));
    end_unit();
    struct made_section debug_info = {".debug_info", SHT_PROGBITS, 0, info.bytes, info.size, 0, 0, 0};
    debug_info.said_offset = UINT64_MAX - 100;
    expect_no_debug_info(&debug_info);
    debug_info.said_offset = 0;
    debug_info.said_size = UINT64_MAX / 2;
    expect_no_debug_info(&debug_info);
    debug_info.said_size = UINT64_C(200) << 20;
    expect_no_debug_info(&debug_info);
}

/* What a section becomes when it is unpacked is what its header says. */
static void expect_not_unpacked(uint32_t type, uint64_t size)
{
    static struct made_bytes packed;
    packed.size = 0;
    put_u32(&packed, type);
    put_u32(&packed, 0);
    put_u64(&packed, size);
    put_u64(&packed, 1);
    put(&packed, "\x78\x9c\xed\xc1\x01\x01\x00\x00\x00\x80\x90\xfe\xaf\xee\x08\x0a", 16);
    const struct made_section debug_info = {
        ".debug_info", SHT_PROGBITS, SHF_COMPRESSED, packed.bytes, packed.size, 0, 0, 0};
    expect_no_debug_info(&debug_info);
}

Test(gobin_hostile, a_section_that_blows_up_is_not_unpacked)
{
    put_abbreviations(&abbreviations);
    expect_not_unpacked(ELFCOMPRESS_ZLIB, UINT64_C(1) << 40);
    expect_not_unpacked(ELFCOMPRESS_ZLIB, UINT64_MAX);
    expect_not_unpacked(ELFCOMPRESS_ZLIB, UINT64_C(400) << 20);
    expect_not_unpacked(ELFCOMPRESS_ZLIB, 0);
    expect_not_unpacked(2, UINT64_C(1) << 20);
    expect_not_unpacked(12345, UINT64_C(1) << 20);
    const struct made_section older = {".zdebug_info", SHT_PROGBITS, 0, "ZLIB\0\0\1\0\0\0\0\0", 12, 0, 0, 0};
    expect_no_debug_info(&older);
}
