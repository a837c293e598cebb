"""The vocabulary for searching ralph's guides: small words, phrases, and synonyms."""

from __future__ import annotations

from ralph.language.sentence import words

# Words without a meaning for the search.
SMALL = words(
    "a an the this that these those there here it its it's i i'm i'd i've i'll me my mine myself you you're your "
    "yours we us our one ones some any every each all both am is are was were be been being do does did done doing "
    "have has had having can could will would shall should may might must to of in on at by for from with into onto "
    "out off up over under about as than then so afterwards beforehand itself page monday tuesday wednesday thursday "
    "friday saturday sunday morning afternoon evening tonight noon midnight minute minutes hour hours moment second "
    "favourite favorite preferred mainly mostly along after and or but if when while although though how what what's "
    "whats how's which whom whose whether that's please thanks just only also too very really actually exactly "
    "currently simply quickly easily still already even ever now yet maybe somehow somewhere anywhere possible "
    "possibly permanently completely properly directly correctly accidentally basically essentially usually normally "
    "generally often sometimes always get gets getting got gotten go goes going went want wants wanted need needs "
    "needed like make makes making made let lets use uses used using work works working know knows knew tell tells "
    "told show shows shown see sees seeing seen saw give gives given gave put puts take takes taking taken took try "
    "tries tried trying happen happens happened say says said thing things something anything everything way ways "
    "kind sort bit lot lots stuff ralph ralphs tui repl cli terminal interface wanna gonna able allowed supposed hey "
    "hi hello ok okay oops sorry anyway etc else whole certain own come comes came because since until during "
    "through between explain describe define once halfway fastest best tired annoyed annoying early late keeps easy "
    "easiest simple simplest quickest proper right correct set sets wonder wondering curious think thinks thought "
    "believe seem seems mind bother figure hope wish there's he'd who's let's where'd d s t m re ve ll someone "
    "somebody anyone anybody people person user users particular specific various possibility"
)

# Words that show what is asked about a subject, each with its name.
ASKS = {
    word: name
    for name, said in (
        ("where", "where where's wheres location located place placed lie lies live lives path"),
        ("why", "why why's reason"),
        ("who", "who who's whose"),
        (
            "not",
            "not no avoid avoiding prevent preventing don't doesn't can't cannot couldn't isn't won't wouldn't "
            "didn't without never nothing none",
        ),
    )
    for word in said.split()
}

# Phrases: the name (empty for a phrase without meaning), and its variants.
PHRASES = (
    ("delay", "hold up, holds up, hold it up, holds it up, holding it up"),
    ("code", "code block"),
    ("script", "cron job, cronjob, shell script, background job, scheduled job"),
    ("private", "off the record"),
    ("compare", "next to each other, beside each other, next to one another, side by side, side-by-side"),
    ("restart", "start over, starting over, clean start, begin again"),
    ("key", "my keys, several keys, two keys, multiple keys, many keys, more keys"),
    ("earlierquestion", "prompt history, history of prompts, prompts history, input history"),
    (
        "exitcode",
        "exit code, exit status, exit value, return code, return value, return status, error code, status code",
    ),
    ("delete", "get rid of"),
    ("disable", "opt out"),
    ("backup", "back-up, backing up, backup"),
    ("quit", "bail out, get out, log out, sign out, log off, sign off, log me out"),
    (
        "",
        "this program, the program, this app, the app, this application, the application, this thing, keep getting, "
        "i want to find out, find out, figure out, work out, good for, machine-readable form, in the form of, in a "
        "form, so far, up to now, until now, as well, for example, at all, in general, of course, how come, such as, "
        "in order to, right now, for good, by default, by hand, on its own, by itself, by yourself, look like, have "
        "to, get to, go to, how to, how long, how many, how much",
    ),
    ("send", "leave my machine, leave my computer, leave my laptop, leave this machine"),
    ("lose", "go away, go missing"),
    ("rewind", "go back, start over from"),
    ("attach", "put a file in, put a file into"),
    ("commandline", "one shot, command line, command-line, cmd line"),
    ("local", "my own computer, my own machine, on premise, on-premise, on premises"),
    (
        "newline",
        "new line, line break, multi line, multi-line, several line, multiple line, many line, two line, more than "
        "one line, second line, next line, another line",
    ),
    ("back", "go back to, return to, get back to, come back to, get back"),
    ("continue", "left off, where i left of, pick up, carry on, go on, left it"),
    (
        "retry",
        "over again, try again, do over, another answer, another try, new answer, different answer, once more, one "
        "more time, second time, run again, ask again, try it again, do it again, run it again",
    ),
    (
        "apikey",
        "api key, api-key, access key, secret key, api token, credential, access token, auth token, bearer token, "
        "anthropic token, openai token, groq token, claude token, gpt token",
    ),
    (
        "shortcut",
        "short cut, hot key, key binding, key combination, keyboard combination, keyboard shortcut, keyboard, "
        "keybinding, hotkey, key map, keymap, key bind",
    ),
    (
        "systemprompt",
        "system prompt, system-prompt, system message, system instruction, custom instruction, standing instruction",
    ),
    ("connect", "log in, logging in, sign in, sign up, signing up, plug in, hook up"),
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
    (
        "earlier",
        "last week, last month, last year, last night, last time, yesterday, the other day, day ago, week ago",
    ),
    (
        "day",
        "this day, this week, this month, this year, per day, per week, per month, each month, every month, today, "
        "daily, weekly, monthly",
    ),
    ("cost", "have i used, did i use, have i spent, did i spend, i have used, i have spent, i used, i spent"),
)

# Verbs of two parts that may enclose their object: `turn this off`.
PARTED = {
    **{(verb, "off"): "disable" for verb in ("turn", "turning", "switch", "switching", "shut")},
    **{(verb, "on"): "enable" for verb in ("turn", "turning", "switch", "switching")},
    **{(verb, "away"): "delete" for verb in ("throw", "throwing")},
    ("back", "up"): "backup",
    ("set", "up"): "install",
    ("shut", "down"): "quit",
    ("keep", "going"): "keepgoing",
    ("get", "back"): "back",
}

# Synonyms; the first word is the name of the group.
SAME = (
    "quit exit exits leave leaving close closes terminate end bye goodbye logout",
    "delete remove erase wipe discard trash purge destroy drop deletion",
    "timeline conversation chat session dialog dialogue convo",
    "cost price money spend spent pay charge bill expensive dollar dollars cents expense fee usd paid paying billed "
    "spending costly pricey pricing bucks cash payment invoice",
    "config configuration configure settings setting preference customise customize",
    "folder directory dir",
    "repository repo project codebase",
    "save store keep persist remember stored kept saving autosave retain storing record hold preserve",
    "search find look lookup locate grep found finding",
    "stop cut cancel abort interrupt halt pause kill stopping",
    "restart",
    "retry rerun regenerate redo repeat reask resend again reroll",
    "rewind undo revert",
    "switch change choose select pick swap another different other alternative chose chosen changing",
    "offline internet network online connection wifi plane disconnected",
    "theme color colour appearance palette colors colours looks",
    "limit cap budget maximum max ceiling restrict restriction threshold",
    "script automate automation bash shell cron headless non-interactive noninteractive unattended ci scripting "
    "scripted",
    "fail failure failed error crash crashed crashes outage problem issue",
    "down unavailable unreachable",
    "allow permit approve permission consent authorise authorize approval confirm confirmation",
    "deny forbid block disallow ban prohibit",
    "disable deactivate",
    "enable activate",
    "continue resume reopen restore proceed",
    "rename title",
    "thinking reasoning thoughts",
    "fork branch",
    "compare comparison versus vs comparing",
    "certificate certificates root ca",
    "editor vim emacs nano vi",
    "log logfile logs debug debugging verbose logging",
    "database db sqlite",
    "slow long longest hang hangs stuck freeze frozen forever wait waits waiting sluggish lag laggy unresponsive "
    "responding",
    "alias nickname shortname abbreviation",
    "earlier old older previous past former history prior",
    "last latest recent",
    "question prompt message query input questions prompts",
    "answer response reply output result",
    "connect connected hook link connecting plug",
    "model models ai",
    "list overview listing",
    "help manual documentation docs tutorial guide guides",
    "claude haiku sonnet opus",
    "gpt chatgpt",
    "environment env",
    "variable variables var vars",
    "talk speak communicate",
    "support supported supports",
    "start begin launch started starting began",
    "new fresh empty blank newest",
    "attach upload include enclose feed attachment pass hand",
    "file document files documents",
    "picture image photo screenshot",
    "local locally localhost laptop computer machine pc self-hosted hosted",
    "private privacy incognito secret anonymous confidential",
    "send sends sent transmit submit sending",
    "version release versions",
    "update upgrade",
    "server endpoint host",
    "day month week year",
    "number figure numbers figures",
    "free gratis",
    "export download",
    "read access reading",
    "write type overwrite rewrite rewritten wrote written typing writing typed",
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
    "speculation speculative speculate speculated guess guesses",
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
)
# Words whose stem is a different word.
ONLY_WHOLE = words("keys looks past setting settings thinking thoughts window windows")
