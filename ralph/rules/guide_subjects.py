"""Which words tell that a question is about ralph, and which that it is rather about something else.

Concepts are named as `guide_words` names them; what is a word stands as it is written.
"""

from __future__ import annotations

from ralph.language.sentence import words

# Concepts that a question on ralph is likely to be about; then those that are so only together with others.
OURS = words(
    "quit timeline apikey config theme shortcut newline systemprompt exitcode ~ ≥ tild alias fallback block thinking "
    "waterfall export replay ttft sacr"
)
SHARED = words("model provider tool context turn step rout question answer ask")
# Those that alone say what a question is about, whatever faint words stand beside them.
SURE = words("quit timeline theme shortcut newline apikey exitcode config")
# Words that are ours where the person or the program stands beside them.
OUR_WORDS = words("attach offline spent cost costs costing charged expensive paying")
ME = words("i i'm me my this that")

# Concepts and words that are more likely about something else, unless one of ours stands beside them.
THEIRS = words("file folder database script key local instance fail memory server table")
VENDORS = words("claude gpt openai anthropic ollama groq huggingface gemini mistral chatgpt deepseek llama")
THEIR_WORDS = VENDORS | words(
    "vim git docker windows money bill bills cash payment invoice salary dollar internet mac linux emacs sqlite best "
    "name branch branches"
)
# The same, but a wording of a guide that is the question itself is believed.
HARDLY_THEIRS = words("picture private code number version plugin certificate")
# The same, of words that are everybody's only while they are alone.
BARE_WORDS = words("budget budgets token tokens slash doctor json yaml markdown html pdf")
EVERYBODYS = words(
    "write read run open add list edit start begin creat point new next first last text line word several call close "
    "default point big small full part question answer ask commandline"
)

# Words that each mean something else too; and those that only ralph's guides define.
POLYSEMOUS = words("turn block step rout")
DEFINED = words("~ ≥ tild ttft shortcut exitcode")
# What is asked of a subject, and none itself; and what may stand around the name of a command, a flag or a key.
FRAME = words("mean difference")
NAME_WORDS = words("mean difference command key shortcut flag config press compare between option")
# What a question may say too without being about something else.
FAINT = words(
    "write edit point outsid insid read run add open start begin list first second third next same availabl install "
    "current full big small late connect save forget search send check continue lose press last earlier new "
    "several call bring hold part close possibl text specify assign apply adjust tweak appear exist involv default "
    "permanent whole entire single actual normal usual direct lower higher raise reduc increas decreas stay remain "
    "extra discover browse brows view display opinion custom favourit disk morn video kind along moment exact certain "
    "tier"
)
