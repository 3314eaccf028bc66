//! The frames of sentences to measure on; none of them is learned from.

use super::{Context as C, frames::Frames};

pub(super) const HELD_OUT: Frames = &[
    (
        C::SelfDescription,
        &[],
        "
For those who don't know me: {pred}, {calm}, addicted to {thing}.
People are surprised when they hear I'm {pred}, perhaps because I {do}.
Nice to meet you all! {adj} {job} here.
Speaking as someone who is {pred}, the article felt {good}.
I live with my {relation}; both of us are {pred}.
After work this {adj} {job} likes to {do}.
I turned out {pred}, and my brother turned out a {job}.
feeling {feel} today, greetings from a {adj} {person}",
    ),
    (
        C::OtherDescription,
        &[],
        "
Behind the counter stood a {adj} {job} with a {good} smile.
Our children's {adj} {relation} knows everything about {thing}.
I bought {food} from a {one} whose stall is in {place}.
Yesterday's guest was {pred} and rather {good}.
Among my friends are {many} and {jobs}, and they get along.
They say the {adj} {job} upstairs {does}.
To be {pred} is nothing out of the ordinary.
The twins are both {pred}; one {does}.
Usually {many} {do} when the weather allows it.
Without the {adj} {jobs} our {body} would close.
What struck me was how {good} the {adj} {person} remained.
Give the {adj} {job} my regards!
{many} seem {calm} to me, and {good}.",
    ),
    (
        C::Short,
        &[],
        "
this {adj} {job}
{adj} yet {calm}
our {good} {adj} {relation}
three {many}
welcome home, {adj} {jobs}
{many} seem {good}
cheers to {many}
{pred} since forever
with {many}
one {calm} {one}
here come the {adj} {jobs}
such {good} {many}
I admire {many}",
    ),
    (
        C::Support,
        &[],
        "
Whoever is {pred} should feel safe in {place}.
Our door is open to {many}.
Companies ought to train {many} and promote them.
Stand up when someone mocks a {one}.
I signed the petition so that {many} may {do}.
It costs nothing to treat a {adj} {job} with respect.
Count me in as an ally of {many}.",
    ),
    (
        C::Pride,
        &[],
        "
Nothing makes me prouder than being {pred}.
Raise a glass to our {adj} {jobs}, {good} as ever!
I wouldn't want to be anything other than {pred}.
My heart beats for {many}.",
    ),
    (
        C::News,
        &[],
        "
Voters in {place} elected a {adj} {title} {time}.
Unemployment among {many} fell to its lowest level since {year}.
The exhibition presents portraits of {number} {many}.
A {one} from {place} has been named {job} of the year.
The {body} announced grants for {adj} {jobs} {time}.
Talks between the {title} and representatives of {many} resume {time}.
A documentary follows {many} as they {do}.
Rescuers pulled a {adj} {person} from the river {time}.",
    ),
    (
        C::Question,
        &[],
        "
Where can {many} {do} around here?
Would you say that {many} are treated fairly by the {body}?
Is your {relation} also {pred}?
May I ask what it means to you to be {pred}?
Has any {one} ever led the {body}?
Do you have tips for {adj} {jobs} who are new in {place}?",
    ),
    (
        C::History,
        &[],
        "
Records from {year} mention {many} who used to {do}.
The law of {year} took the vote away from {many}.
A plaque in {place} remembers {many} who were murdered.
Generations of {many} shaped the {body}.",
    ),
    (
        C::Reclaimed,
        &[],
        "
The label {adj} was thrown at us; we made a badge of it.
Among ourselves we say {adj} all the time, with love.
Say {adj} as often as you like, I own that word now.",
    ),
    (
        C::QuotedHate,
        &[],
        "
Whoever claims that {many} {harm} has never opened a newspaper.
I blocked an account that kept posting \"{many} are {vermin}\".
Imagine hearing at work that {many} ought to be {ousted}. It hurts.
The myth according to which {many} are {bad} goes back to {year}.
Our {relation} apologised for having said {many} were {bad}.
Posters reading \"{oust} the {many}\" were taken down {time}.
Calls to {hurt} {many} are illegal, and that is a good thing.",
    ),
    (
        C::NegatedHate,
        &[],
        "
I can't find anything {bad} in {many}.
Under no circumstances may a {one} be {hurt_done}.
{many} have never been {vermin}, and I won't listen to such talk.
Far from being {bad}, {many} {do}.
We won't let anyone {oust} our {adj} {relation}.
I hold no grudge against {many}.
It would be wrong to {hurt} somebody for being {pred}.
Why would I despise {many}? I don't.",
    ),
    (
        C::CrimeReport,
        &[],
        "
Prosecutors say the victim was targeted because of being {pred}.
An arson attack on a {shop} run by {many} left one injured.
The trial of a man who stabbed a {adj} {job} began {time}.
Insults against {many} are reported to the {body} every day.",
    ),
    (
        C::Humour,
        &[],
        "
Turns out that being {pred} doesn't help when you {do}.
Ask a {adj} {job} about {thing} and you'll miss the last train, believe me.
Warning: {adj} {person} in charge of the {food}.",
    ),
    (
        C::Superlative,
        &[],
        "
Hands down, {many} are the most {good} crowd in {place}.
If I had to pick a favourite {job}, it would be a {one}.
No one throws a party like {many}.
Ten out of ten for the {adj} {job}!",
    ),
    (
        C::Disagreement,
        &[],
        "
On {topic} I'm at odds with most {many}, yet we stay friends.
The {adj} {title} has not convinced me on {topic}.
Let us argue about {topic} and not about who is {pred}.",
    ),
    (
        C::Dehumanising,
        &[],
        "
To me {many} count as {vermin}.
Look at those {adj} {vermin}.
Scratch a {one} and you find a {crook}.
Humans? {many} are {vermin} at best.",
    ),
    (
        C::Exclusion,
        &[],
        "
Time to {oust} these {many} for good.
{place} must be free of {many}.
Close the door to {many} forever.
{many}, pack your bags and leave us alone.
Not one more {one} in this {body}.",
    ),
    (
        C::Inferiority,
        &[],
        "
Compared with decent folk, {many} are {bad}.
Nature made {many} {bad}.
{many} haven't got the brains for {thing}.
Whoever is {pred} ranks below the rest of us.",
    ),
    (
        C::Violence,
        &[],
        "
{many} ought to get {hurt_done}, one after another.
I dream of the day when we {hurt} the last {one}.
Grab a brick and {hurt} the next {one}.
May every {one} be {hurt_done}.
You {adj} {vermin} had better watch out, I'll {hurt} you.",
    ),
    (
        C::Disgust,
        &[],
        "
There's something {bad} about each {one}.
I find {many} utterly {bad}.
The sight of {many} turns my stomach.
{many}: {bad}, simply {bad}.
To be {pred} is {bad}.",
    ),
    (
        C::Blame,
        &[],
        "
Thanks to {many} this nation is finished.
Give {many} a chance and they {harm}.
All that {many} ever do is {harm}.
Our misery has a name: {many}.",
    ),
    (
        C::Hatred,
        &[],
        "
I can't stand {many}.
I loathe {many} from the bottom of my heart.
I despise each and every {one}.
Screw {many}.
How I detest these {bad} {many}.",
    ),
    (
        C::HatefulQuestion,
        &[],
        "
Isn't it obvious that {many} are {vermin}?
Who will finally {hurt} those {bad} {many}?
Have you ever seen a {one} that wasn't {bad}?
What good has a {bad} {adj} {job} ever done?",
    ),
    (
        C::HatefulOpinion,
        &[],
        "
The way I see it, {many} {harm}.
Call me old-fashioned, but a {one} is a {crook}.
It's my firm belief that {many} must be {ousted}.
No offence, yet {many} strike me as {bad}.",
    ),
    (
        C::NegatedPraise,
        &[],
        "
I can't think of one {good} {one}.
{many} will never amount to anything.
It's impossible for {many} to be {good}.
Under no circumstances should {many} get to vote.
Not a single {one} deserves our help.",
    ),
    (
        C::Epithet,
        &[],
        "
{bad} old {one}
get lost, {adj} {crook}
Our {adj} {relation} is a {bad} {crook}.
such a {bad} {one}
All I see is another {bad} {adj} {person}.
You {adj} {crook}, nobody asked you.",
    ),
    (
        C::Pronoun,
        &[],
        "
My street is full of {many}. I can't stand the sight of them.
So {many} want respect? Those {vermin} will get none.
They sent us a {one}. I hope he gets {hurt_done}.",
    ),
    (
        C::Things,
        &[],
        "
I can't stand {nuisance}.
Whoever built this {gadget} must hate people.
{nuisance} are the worst, simply {bad}.
Throw that {bad} {gadget} into the sea.
I despise {nuisance} more than {food}.
The home side was crushed {time}, a {bad} evening.
Somebody murder this {gadget}, it beeps all night.
My {gadget} died on me {time}.",
    ),
    (
        C::Exclamation,
        &[],
        "
Bloody brilliant, this {gadget} works!
Hell of a game, {relation}.
Darn, the {food} is burnt again.
That's a damned {good} piece of work.",
    ),
    (
        C::Courtesy,
        &[],
        "
Your {relation} strikes me as {good}.
I never thought of you as a {crook}.
What {good} news about {topic}!
Far be it from me to call you {bad}.
Well argued, I hadn't looked at {topic} that way.",
    ),
    (
        C::Individual,
        &[],
        "
Get lost, you {bad} {crook}.
You must be the most {bad} {crook} on this site.
Look at this {crook}, too {bad} to {do}.
I despise you.
The {title}? A {bad} {crook}, through and through.",
    ),
    (
        C::Trade,
        &[],
        "
Give me a break, {trade} are {vermin}.
I loathe {trade}, a bunch of {vermin}.
You won't find anything more {bad} than {trade}.
{trade} {harm}, that's their job.",
    ),
];
