"""More questions that only look as if no model were needed, as a stranger would try them."""

from __future__ import annotations

NEAR_MISSES: tuple[str, ...] = tuple(
    """
what is the answer to life, the universe and everything
what is the population of Tokyo
how many people live in 10 Downing Street
what is 100 in dog years
what is 2 in love
how many days in a month
how many weeks in a month
how many months until I retire
what is the date of the French revolution
when is the best time to plant tomatoes
when is dinner
when is mother's day
what is the day of the dead
what is the time machine about
what time does the sun set
what is the current time complexity
what's the current president
how long is the Nile
how long is a piece of string
how big is a breadbox
how many words are there in English
how many words does a picture say
how many characters are in War and Peace
how many lines of code is Linux
how many lines are in a sonnet
how many bytes are in a tweet
how many files can ext4 hold
how many files do I need for taxes
list all US presidents
list the contents of a first aid kit
list my options
list python keywords
show me a picture of a cat
show me how to cook
print hello world
print hello world in python
display a table of planets
open a bank account
open source licenses
read me a story
cat
cat facts
head of state of Germany
tail recursion
find the derivative of x^2
find the area of a circle with radius 5
find x
find x if x + 2 = 5
find my keys
find a synonym for big
search for the holy grail
search google for cats
look for patterns in data.csv
where is the nearest pharmacy
where is it mentioned in the constitution
which file format is best
which files should I commit
what files does python need
is there a doctor here
is there a file system that supports snapshots
does size matter
does notes.txt make sense
is notes.txt good
is main.py correct
what does README.md mean
what is README.md for
what is a README.md
why is README.md so long
compare README.md and notes.txt
merge README.md and notes.txt
how many lines would README.md have if I deleted half of it
how many lines does README.md have compared to notes.txt
how many errors are in main.py
how many functions are in main.py
how many TODOs are there
count the functions in main.py
count the vowels in notes.txt
count the sheep
count words
2+2 is 5
2+2=5?
two wrongs
one plus one equals three
what is one plus one in chess
1st
3rd floor
100%
50-50
5 stars
10 4
7 up
42 is the answer to what
what is 3 to 5
what is 1 to 1
what is 10 out of 10
what's 5 star hotel
what is 20 20 vision
what is 3.14.15
what is 1-800-555-1234
what is 192.168.0.1
what is 127.0.0.1 + 1
what is 12:30 + 45
what is 2pi
what is 5 choose
what is half
what is double
what is twice
what is a percentage
what is 10%
how much is 10% more
increase my salary by 10%
what is 15% on top of that
20% of what is 5
5 is 20% of what?
what number is 20% of 50 more than
what is 3 plus
what is plus 3
what is -3
what is minus
what is sqrt
what is the square root
what is log 100 of what
round numbers
round 5 to the pub
is two prime minister
is 5 a lot
is 7 lucky
is 13 unlucky
is 100 greater than most
is 2 better than 1
which is bigger, elephants or whales
which is larger, Texas or Alaska
larger, 5 or what
max payne
average joe
sum 41
product of my imagination
convert to islam
convert 10 to
convert km to miles please explain
10 km run training plan
10 miles to go
5 feet tall
100 meters world record in seconds
100 m in 9.58 s what speed
5 pounds of apples in kg and price
how much does 5 kg of gold cost
convert 50 euros to pounds
how many euros in a dollar
how many liters in an olympic pool
how many seconds have I lived
how many minutes should I boil an egg
how many inches of snow in Boston
how many feet is it to Everest's top
how many ounces of water should I drink
how many yards in a football field
time flies
today is a good day
tomorrow never dies
yesterday
next friday
monday
christmas carol
days of thunder
3 days ago I fell
in 3 days I have an exam
2 weeks notice
leap year
is 2028 going to be good
what year was Einstein born
what year did WW2 end
what day did JFK die
what month is best for Japan
what week of pregnancy is safe to travel
what date works for you
who knows what day it is
what is the date format in Germany
how do I get the current time in Python
how do I list files in bash
how do I count lines in a file in python
how do I read notes.txt in python
how do I search files in vim
how do I calculate 15% of 200 in excel
how to convert km to miles in python
how would you compute 2+2
can you count?
can you read files?
do you know python
can you calculate
please help me with 2+2=x
help me write an email
what can you do about climate change
what is ralph lauren
ralph who
is ralph a good name
how do I connect ralph to my printer
how do I use claude
how do I use the openai api in python
what's the price of claude
what does json mean
how do I write json
what are tokens
what is a token
how do I set a budget
how do I fork a repository
what is a slash
replay the last goal
how do I leave my job
quit
exit
ls -la
ls | wc -l
git status
rm -rf /
sudo cat notes.txt
cat notes.txt | grep lamp
cat notes.txt > out.txt
grep -r lamp . | wc -l
find . -name '*.py'
head -n
wc
date +%s
""".strip().splitlines()
)
