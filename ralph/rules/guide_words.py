"""The words of a question on ralph: stems without small words, and one name for words that say the same."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ralph.language.sentence import words

# Words that say nothing of the subject.
SMALL = words(
    "a an the this that these those there here it its it's i i'm i'd i've i'll me my mine myself you you're your yours "
    "we us our one ones some any every each all both "
    "am is are was were be been being do does did done doing have has had having can could will would shall should may "
    "might must to of in on at by for from with into onto out off up down over under about as than then so "
    "and or but if when while although though how what what's whats how's which whom whose whether that's "
    "please thanks just only also too very really actually exactly currently simply quickly easily still already even "
    "ever now yet maybe somehow somewhere anywhere possible possibly permanently completely properly directly correctly "
    "accidentally basically essentially usually normally generally often sometimes always "
    "get gets getting got gotten go goes going went want wants wanted need needs needed like make makes making made let "
    "lets use uses used using work works working know knows knew tell tells told show shows shown see sees seeing seen "
    "saw give gives given gave put puts take takes taking taken took try tries tried trying happen happens happened say "
    "says said thing things something anything everything way ways kind sort bit lot lots stuff "
    "ralph ralphs tui repl cli terminal interface wanna gonna able allowed supposed "
    "hey hi hello ok okay oops sorry anyway etc else whole certain own come comes came because since until during "
    "through between explain describe define once halfway fastest best tired annoyed annoying early late keeps able easy easiest simple simplest quickest proper right correct "
    "set sets wonder wondering curious guess think thinks thought believe seem seems mind bother figure hope wish "
    "keeps-on there's he'd who's let's where'd d s t m re ve ll someone somebody anyone anybody "
    "people person user users particular specific various possibility "
)
# Words that tell what is asked of a subject, with the name of each.
_ASKS = {
    word: name
    for name, said in (
        ("where", "where where's wheres location located place placed lie lies live lives path"),
        ("why", "why why's reason"),
        ("who", "who who's whose"),
        (
            "not",
            "not no avoid avoiding don't doesn't can't cannot couldn't isn't won't wouldn't didn't without never nothing none",
        ),
    )
    for word in said.split()
}

# What is said in several words: the name of it, and the ways to say it.
_PHRASES = (
    ("code", "code block"),
    ("key", "my keys, several keys, two keys, multiple keys, many keys, more keys"),
    ("earlierquestion", "prompt history, history of prompts, prompts history, input history"),
    (
        "exitcode",
        "exit code, exit status, exit value, return code, return value, return status, error code, status code",
    ),
    ("delete", "get rid of"),
    ("disable", "opt out"),
    ("backup", "back-up, backing up, backup"),
    ("quit", "bail out, get out, log out, sign out, log off, sign off"),
    ("", "this program, the program, this app, the app, this application, the application, this thing, keep getting"),
    ("send", "leave my machine, leave my computer, leave my laptop, leave this machine"),
    ("lose", "go away, go missing"),
    ("rewind", "go back, start over from"),
    ("attach", "put a file in, put a file into"),
    ("commandline", "one shot"),
    ("local", "my own computer, my own machine, on premise, on-premise, on premises"),
    (
        "newline",
        "new line, line break, multi line, multi-line, several line, multiple line, many line, two line, "
        "more than one line, second line, next line, another line",
    ),
    ("compare", "side by side, side-by-side"),
    ("back", "go back to, return to, get back to, come back to, get back"),
    ("continue", "left off, pick up, carry on, go on, left it"),
    (
        "retry",
        "over again, try again, do over, another answer, another try, new answer, different answer, once more, one more time, second time, run again, ask again, try it again, "
        "do it again, run it again",
    ),
    ("apikey", "api key, api-key, access key, secret key, api token, credential"),
    (
        "shortcut",
        "short cut, hot key, key binding, key combination, keyboard combination, keyboard shortcut, keyboard, "
        "keybinding, hotkey, key map, keymap, key bind",
    ),
    (
        "systemprompt",
        "system prompt, system-prompt, system message, system instruction, custom instruction, standing instruction",
    ),
    ("commandline", "command line, command-line, cmd line"),
    ("connect", "log in, logging in, sign in, plug in, hook up"),
    ("install", "set-up, setting up, setup"),
    ("offline", "air gapped, air-gapped"),
    ("ratelimit", "rate limit, rate-limit"),
    ("base_url", "base url"),
    ("opensource", "open source, open-source"),
    ("model", "language model, llm, ai model"),
    ("stdin", "std in, standard input"),
    ("parallel", "at the same time, at once, simultaneously"),
    ("usedup", "used up"),
    ("areyou", "are you"),
    ("earlier", "last week, last month, last year, last night, last time, yesterday, the other day, day ago, week ago"),
    (
        "day",
        "this day, this week, this month, this year, per day, per week, per month, each month, every month, today, "
        "daily, weekly, monthly",
    ),
    (
        "",
        "find out, figure out, work out, good for, machine-readable form, in the form of, in a form, so far, up to now, until now, as well, for example, at all, in general, of course, how come, such as, "
        "in order to, right now, for good, by default, by hand, on its own, by itself, by yourself, look like, "
        "have to, get to, go to, how to, how long, how many, how much",
    ),
)

# Words that mean the same here; the first is the name of all.
_SAME = (
    "quit exit exits leave leaving close closes terminate end bye goodbye logout",
    "delete remove erase wipe discard trash purge destroy drop deletion",
    "timeline conversation chat session thread dialog dialogue convo talk discussion",
    "cost price money spend spent pay charge bill expensive dollar dollars cents expense fee usd paid paying billed "
    "spending costly pricing bucks cash payment invoice",
    "config configuration configure settings setting preference customise customize",
    "folder directory dir",
    "save store keep persist remember stored kept saving autosave retain storing record hold preserve",
    "search find look lookup locate grep found finding",
    "stop cancel abort interrupt halt pause kill stopping cut",
    "retry rerun regenerate redo repeat reask resend again",
    "rewind undo revert",
    "switch change choose select pick swap another different other alternative chose chosen changing",
    "offline internet network online connection wifi plane disconnected",
    "theme color colour skin appearance palette colors colours looks",
    "limit cap budget maximum max ceiling restrict restriction threshold",
    "script automate automation bash shell cron headless non-interactive noninteractive unattended ci scripting scripted",
    "fail failure failed error crash crashed crashes outage problem issue",
    "down unavailable unreachable",
    "tool function",
    "allow permit approve permission consent authorise authorize approval confirm confirmation",
    "deny forbid block prevent disallow ban prohibit",
    "disable deactivate",
    "enable activate",
    "continue resume reopen restore proceed",
    "rename title",
    "thinking reasoning thoughts",
    "fork branch",
    "compare comparison versus vs comparing",
    "editor vim emacs nano vi",
    "log logfile logs debug debugging verbose logging",
    "database db sqlite",
    "slow long hang hangs stuck freeze frozen forever wait waits waiting sluggish lag laggy unresponsive responding",
    "alias nickname shortname abbreviation",
    "earlier old older previous past former history prior",
    "last latest recent",
    "question prompt message query input questions prompts",
    "answer response reply output result",
    "connect connected hook link connecting plug",
    "model models ai",
    "list overview listing",
    "help manual documentation docs tutorial guide guides",
    "start begin launch started starting began",
    "new fresh empty blank",
    "attach upload include enclose feed attachment pass",
    "file document files documents",
    "picture image photo screenshot",
    "local locally laptop computer machine pc self-hosted hosted",
    "private privacy incognito secret anonymous confidential",
    "send sends sent transmit submit sending",
    "version release",
    "update upgrade",
    "server endpoint host",
    "day month week year",
    "number figure numbers figures",
    "free gratis",
    "export download",
    "read access reading",
    "write type wrote written typing writing typed",
    "several multiple many two",
    "instance window twice",
    "windows",
    "option options",
    "damaged broken corrupted corrupt repair",
    "fix correct",
    "transfer migrate move moving",
    "temperature random creative creativity deterministic sampling parameter parameters top_p top_k",
    "light bright",
    "details detail",
    "expand unfold collapse fold",
    "fast faster speed quick quicker performance",
    "cheap cheaper cheapest",
    "watch playback play",
    "scroll navigate jump",
    "plugin extension extend plugins add-on addon addons",
    "persona personality",
    "rejected accepted invalid refused reject rejects",
    "auth authentication unauthorized login unauthorised",
    "mean meaning stand means",
    "difference differ",
    "safe secure encrypted security",
    "count calculated computed compute calculate counted",
    "shortcut keys",
    "paste pasting",
    "press hit push click",
    "arrow ↑ ↓",
    "lose lost losing",
    "forget forgot forgets forgotten forgetting",
    "company office corporate",
    "run execute running ran print printed",
    "check verify test validate",
    "shorter short shorten",
    "share sharing",
)  # fmt: skip
_TOKEN = re.compile(
    r"--?[a-z][a-z-]+|/[a-z]+\b|(?:ctrl|alt|shift)\+\w+|\$?[a-z_][a-z0-9_]*(?:[.'-][a-z0-9_]+)*|\d+(?:\.\d+)?|[~≥↑↓]"
)
_VOWEL = re.compile(r"[aeiouy]")


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Porter's first steps: without plural, -ed and -ing, a doubled last letter or a silent e."""
    if len(word) < 4 or not word.replace("-", "").isalpha():
        return word
    if word.endswith("ies"):
        word = f"{word[:-3]}y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word.endswith("ly") and len(word) > 6:
        word = word[:-2]
    for suffix in ("ing", "ed"):
        bare = word.removesuffix(suffix)
        if bare != word and len(bare) > 2 and _VOWEL.search(bare):
            word = bare[:-1] if bare[-1] == bare[-2] and bare[-1] not in "lsz" else bare
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


# Words whose stem is another word.
_ONLY_WHOLE = words("keys setting settings thinking thoughts windows window looks past")
_NAME = {
    form: group.split()[0]
    for group in _SAME
    for word in group.split()
    for form in ((word,) if word in _ONLY_WHOLE else (word, stem(word)))
}


def _by_first_word() -> dict[str, list[tuple[list[str], str]]]:
    """The phrases by their first word, the longest first."""
    found: dict[str, list[tuple[list[str], str]]] = {}
    for name, ways in _PHRASES:
        for way in ways.split(", "):
            first, *rest = (stem(word) for word in way.split())
            found.setdefault(first, []).append((rest, name))
    for ways_of_word in found.values():
        ways_of_word.sort(key=lambda way: -len(way[0]))
    return found


_STARTS = _by_first_word()


# Verbs of two parts, between which their subject may stand: `turn this off`.
_PARTED = {
    **{(verb, "off"): "disable" for verb in ("turn", "turning", "switch", "switching", "shut")},
    **{(verb, "on"): "enable" for verb in ("turn", "turning", "switch", "switching")},
    **{(verb, "away"): "delete" for verb in ("throw", "throwing")},
    ("back", "up"): "backup",
    ("set", "up"): "install",
    ("shut", "down"): "quit",
    ("keep", "going"): "keepgoing",
    ("get", "back"): "back",
}
_PARTS = frozenset(verb for verb, _ in _PARTED)


class Reading(NamedTuple):
    """What a text speaks of, in its order; what it asks (where, why); and the small words around that."""

    concepts: tuple[str, ...]
    asks: frozenset[str]
    small: frozenset[str]


def read(text: str) -> Reading:
    """The text taken apart."""
    said = [token.removesuffix("'s") for token in _TOKEN.findall(text.lower().replace("\u2019", "'"))]
    roots = [stem(word) for word in said]
    found: dict[str, None] = {}
    asks: set[str] = set()
    small: set[str] = set()
    at = 0
    while at < len(said):
        length, name = _phrase(roots, at)
        if not length:
            length, name = _parted(said, at)
        word = said[at]
        if not length:
            length, name = (
                1,
                "" if word in SMALL or word in _ASKS else _NAME.get(word) or _NAME.get(roots[at], roots[at]),
            )
        if name:
            found[name] = None
        elif word in _ASKS:
            asks.add(_ASKS[word])
        else:
            small.update(said[at : at + length])
        at += length
    return Reading(tuple(found), frozenset(asks), frozenset(small))


def _parted(said: list[str], at: int) -> tuple[int, str]:
    """`turn this off`: what is switched may stand between, and is read next."""
    after = said[at + 1 : at + 6] if said[at] in _PARTS else ()
    return next(((1, name) for word in after if (name := _PARTED.get((said[at], word)))), (0, ""))


def _phrase(roots: list[str], at: int) -> tuple[int, str]:
    """How many words from here on are a phrase, and its name; 0 where there is none."""
    for rest, name in _STARTS.get(roots[at], ()):
        if roots[at + 1 : at + 1 + len(rest)] == rest:
            return 1 + len(rest), name
    return 0, ""


def ways_to_say(concept: str) -> tuple[str, ...]:
    """Beginnings of words, one of which every text has that speaks of the concept."""
    found = {stem(word) for group in _SAME if group.split()[0] == concept for word in group.split()}
    found |= {stem(way.split()[0]) for name, ways in _PHRASES if name == concept for way in ways.split(", ")}
    found |= {verb for (verb, _), name in _PARTED.items() if name == concept}
    return tuple(word.rstrip("y") for word in found | {concept})
