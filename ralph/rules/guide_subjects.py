"""Words that show that a question is about ralph, and words that show that it is not.

Concepts have their names from `guide_words`; plain words are written as they are.
"""

from __future__ import annotations

from ralph.language.sentence import words

# Concepts that are likely about ralph; then concepts that are so only together with others.
OURS = words(
    "quit timeline apikey config theme shortcut newline systemprompt exitcode ~ ≥ tild alias fallback block thinking "
    "waterfall export replay ttft sacr"
)
SHARED = words("model provider tool context turn step rout question answer ask")
# Concepts that alone show the subject, whatever weak words stand beside them.
SURE = words("quit timeline theme shortcut newline apikey exitcode config")
# Words that mean ralph if the person or the program is named beside them.
OUR_WORDS = words("attach offline spent cost costs costing charged expensive paying")
ME = words("i i'm me my this that")

# Concepts and words that likely mean something else, unless a word for ralph stands beside them.
THEIRS = words("file folder database script key local instance fail memory server table")
VENDORS = words("claude gpt openai anthropic ollama groq huggingface gemini mistral chatgpt deepseek llama")
THEIR_WORDS = VENDORS | words(
    "vim git docker windows money bill bills cash payment invoice salary dollar internet mac linux emacs sqlite best "
    "name branch branches"
)
# Also likely about something else, but a question that equals a wording of a guide is accepted.
HARDLY_THEIRS = words("picture private code number version plugin certificate")
# Also likely about something else, but only while they stand alone.
BARE_WORDS = words("budget budgets token tokens slash doctor json yaml markdown html pdf")
EVERYBODYS = words(
    "write read run open add list edit start begin creat point new next first last text line word several call close "
    "default point big small full part question answer ask commandline"
)

# Words that also have another meaning; and words that only ralph's guides define.
POLYSEMOUS = words("turn block step rout")
DEFINED = words("~ ≥ tild ttft shortcut exitcode")
# Words that ask about a subject without being one; they may surround the name of a command, a flag or a key.
FRAME = words("mean difference")
NAME_WORDS = words("mean difference command key shortcut flag config press compare between option")
# Words that a question about ralph may contain without changing its subject.
FAINT = words(
    "write edit point outsid insid read run add open start begin list first second third next same availabl install "
    "current full big small late connect save forget search send check continue lose press last earlier new "
    "several call bring hold part close possibl text specify assign apply adjust tweak appear exist involv default "
    "permanent whole entire single actual normal usual direct lower higher raise reduc increas decreas stay remain "
    "extra discover browse brows view display opinion custom favourit disk morn video kind along moment exact certain "
    "tier"
)
