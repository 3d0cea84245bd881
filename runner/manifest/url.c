#include "runner/manifest/url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEME       "http://"
#define DEFAULT_PORT 80 /* RFC 9110, 4.2.1 */

/* The host of an authority: NULL, or what is wrong. *end is behind it. */
static const char *parse_host(const char *text, struct load_url *url, const char **end)
{
    char host[INET6_ADDRSTRLEN];
    bool bracket = *text == '[';
    text += bracket;
    size_t length = strcspn(text, bracket ? "]" : ":/?#");
    if (length == 0 || length >= sizeof host)
        return "has no address";
    memcpy(host, text, length);
    host[length] = 0;
    if (bracket && text[length] != ']')
        return "has no ']' behind its IPv6 address";
    *end = text + length + bracket;
    url->ipv6 = bracket;
    if (strcmp(host, "localhost") == 0)
        memcpy(host, "127.0.0.1", sizeof "127.0.0.1");
    if (inet_pton(bracket ? AF_INET6 : AF_INET, host, url->address) != 1)
        return "has no numeric address: names other than localhost are not looked up";
    return NULL;
}

static const char *parse_port(const char *text, struct load_url *url, const char **end)
{
    url->port = DEFAULT_PORT;
    *end = text;
    if (*text != ':')
        return NULL;
    size_t digits = strspn(text + 1, "0123456789");
    unsigned long port = digits && digits <= 5 ? strtoul(text + 1, NULL, 10) : 0;
    if (port < 1 || port > 65535)
        return "has no port from 1 to 65535 behind its ':'";
    url->port = (uint16_t)port;
    *end = text + 1 + digits;
    return NULL;
}

/* The rest, without a fragment, which is the client's own (RFC 9110, 4.2.5). */
static const char *check_target(const char *text)
{
    if (*text && *text != '/' && *text != '?' && *text != '#')
        return "has characters between address and path that do not belong there";
    for (; *text; text++)
        if (*text <= ' ' || *text >= 0x7f)
            return "holds a character that must be written as %XX";
    return NULL;
}

const char *url_parse(const char *text, struct load_url *url)
{
    struct load_url parsed = {0};
    const char *at = text + strlen(SCHEME);
    if (strncmp(text, SCHEME, strlen(SCHEME)) != 0)
        return strncmp(text, "https://", 8) == 0 ? "wants TLS, which the load does not speak: use http://"
                                                 : "does not begin with http://";
    const char *authority = at;
    const char *wrong = parse_host(at, &parsed, &at);
    if (!wrong)
        wrong = parse_port(at, &parsed, &at);
    if (!wrong)
        wrong = check_target(at);
    if (wrong)
        return wrong;
    int length = (int)strcspn(at, "#");
    parsed.text = strdup(text);
    parsed.authority = strndup(authority, (size_t)(at - authority));
    if (asprintf(&parsed.target, "%s%.*s", *at == '/' ? "" : "/", length, at) < 0)
        parsed.target = NULL;
    if (!parsed.text || !parsed.authority || !parsed.target) {
        free(parsed.text);
        free(parsed.authority);
        free(parsed.target);
        return "does not fit into memory";
    }
    *url = parsed;
    return NULL;
}
