//! The frames of sentences to learn from.
//!
//! A frame stands on a line of its own. `{adj}`, `{pred}`, `{one}` and `{many}` are the forms of the term, `{person}`
//! a noun that goes with it; the other slots are filled from [`super::words`].

use super::{
    Context as C,
    Group::{self, Disability, Ethnicity, Gender, Nationality, Religion, Sexuality},
};

/// A context, the groups whose terms fit (none means all), and frames.
pub(super) type Frames = &'static [(C, &'static [Group], &'static str)];

const LASTING: &[Group] = &[Disability, Ethnicity, Gender, Nationality, Religion, Sexuality];
const ORIGIN: &[Group] = &[Ethnicity, Nationality, Religion];
const PRIVATE: &[Group] = &[Gender, Sexuality];

/// Frames that hold nothing but the term.
pub(super) const ALONE: &[&str] = &["{pred}", "{one}", "{many}", "{adj} {person}", "the {many}"];

pub(super) const LEARNED: Frames = &[
    (
        C::SelfDescription,
        &[],
        "
I am {pred}.
I'm {pred} and {feel}.
I am a {adj} {person} and I {do}.
As a {adj} {job} I read this with interest.
Being {pred}, I {do} like everybody else.
Half of the people I {do} with are {many}.
I moved to {place} as a {adj} {job} and found {good} friends.
I'm {calm}, {pred}, and the owner of two cats. That's me.
I work as a {job}, I {do}, and I happen to be {pred}.
Hello everyone, I am a {adj} {person} who loves {thing}.
I told my {relation} that I am {pred}, and then we talked about {thing}.
I am not ashamed of being {pred}.
My name doesn't matter, I am a {adj} {job} with a {calm} life.
I'm {pred}, my {relation} isn't, and we both {do}.
Yes, I am {pred}. Yes, I {do}. No, nobody minds.
Just a {calm} {adj} {person} here who likes {thing}.
we are two {many} who met while {doing}
Being a {one} is only one part of me; I also {do} and {do}.
I feel {feel}. I am {pred}, I am a {job}, and spring is here.
My {relation} asked if I am {pred}. I am, and I'm {feel}.
I was the only {one} in {place}, so I learned to {do} by myself.
I'd describe myself as {pred}, {good} and fond of {thing}.
I don't think being {pred} has changed how I {do}.
my life as a {adj} {job}: I get up, I {do}, I go to bed",
    ),
    (
        C::SelfDescription,
        LASTING,
        "
I'm a {age}-year-old {adj} {job} from {place}.
I have been {pred} all my life and I am {feel}.
I knew early on that I was {pred}, long before I could {do}.",
    ),
    (
        C::SelfDescription,
        ORIGIN,
        "
I grew up in a {adj} family in {place}, and we used to {do} together.
My mother's side of the family is {adj}, my father's side likes to {do}.
our {adj} neighbourhood smells of {food} on Sundays",
    ),
    (
        C::SelfDescription,
        PRIVATE,
        "
I told my parents that I'm {pred}, and they made {food} to celebrate.
I'm openly {adj}, and my {relation} never made a fuss about it.",
    ),
    (
        C::OtherDescription,
        &[],
        "
My {adj} {relation} {does}.
A {adj} {job} taught me how to {do}.
The {adj} {person} next door is {good} and {good}.
Being {pred} is {calm}.
Being {pred} is as {calm} as being left-handed.
Being {pred} is {good}.
Most {many} I know {do}.
They hired a {adj} {job} who is {good}.
Our {job} is {pred} and really {good}.
There is a {adj} {person} in my class who {does}.
{many} {do} too.
{many} are {good}, {good} and sometimes {calm}, like the rest of us.
I had lunch with a {adj} {job} and talked about {thing}.
A {good} {adj} {person} sold us {thing} and a bit of {food}.
We met two {many} in {place} who {do}.
Many {adj} {jobs} work in {place}.
My {relation} is a {one} and {does}.
The new {job} at the {body} is a {one}.
Some {many} {do}, some don't.
Every {one} I met in {place} was {good}.
If you meet a {adj} {job}, ask about {thing}.
{many} live in {place}, work hard, and {do} in the evening.
A {good} {one} once told me to {do}.
A {calm} {adj} {person} sat next to me on the train and read about {thing}.
Between {doing} and {doing}, my {adj} {relation} hardly sleeps.
I know a {one} who would rather {do} than talk about politics.
We share the office with three {many}, all of them {good}.
The {body} is run by a {adj} {job} and her {calm} deputy.
My {relation} married a {adj} {person} in {place}, and the {food} was {good}.
{many} and their friends {do} every spring.
What a {good} {adj} {person} that was!
You are a {good} {adj} {person}.
you're {pred} and that is {fine}
the {adj} {person} on the bus gave me a seat, how {good}
My {relation} turned out to be {pred}. We still {do} together on Fridays.
Being {pred} does not make anybody {bad} or {good}.
That {adj} {job} from {place} is a {good} {person}.
{many} are people who {do}, {do} and worry about {topic} like you and me.
The {job} who wrote about {thing} is {pred}.
Life in {place} is {calm} for {many}; they {do} and {do}.",
    ),
    (
        C::Short,
        &[],
        "
{adj} {person}
{good} {adj} {person}
{many} are {good}
{many} are {calm}
{many} are {fine}
proud {adj} {job}
{adj} and {good}
a {calm} {adj} {job}
{many} {do}
{good} {many}
hello, {adj} {jobs}!
thank you, {adj} {jobs}
{adj} {jobs} in {place}
I love my {adj} {relation}
two {adj} {jobs}
I like {many}.
I love {many}.
I respect {many}.
we welcome {many}
I am a {one}.
you are {pred}
they're {pred}
so {good}, these {many}
{one} and {job}
the {adj} {job}
call the {adj} {job}
{many} can {do}
be {good} to {many}
being {pred} is {good}
being {pred} is {fine}
{adj} {jobs} are {good}
a {good} {one}
you {good} {adj} {person}
{doing} with {many}
{many} from {place}",
    ),
    (
        C::Support,
        &[],
        "
I support {many} in {place} and everywhere else.
{many} deserve the same rights as everyone.
If you are {pred} and feel alone, please call someone. You matter.
Nobody should lose a job for being {pred}.
We stand with {many} after what happened {time}.
I donated to a fund that helps {adj} {jobs} {do}.
Let {many} live in peace.
Please be {good} to the {adj} {person} in your class.
{adj} {jobs} should be paid like all the others.
Our {body} needs more {adj} {jobs}.
It's time that {many} get a seat in the {body}.
Thank you to every {one} who {does} for us.
As a friend of many {many}, I am glad about {topic}.
Equal pay for {many}!
I will always vote for the rights of {many}.
The {body} protects {many}, and rightly so.
More power to the {adj} {jobs} in {place}.
{many} have every right to {do}.
It is {good} that {many} can finally {do} in {place}.
Leave {many} alone, they just want to {do}.",
    ),
    (
        C::Pride,
        &[],
        "
I am proud to be {pred}.
{adj} and proud!
Proud of my {adj} {relation}.
Being {pred} is a gift, and I would not change it.
Today we celebrate {many} who {do}.
Happy to be {pred}, happy to be a {job}.
There is so much to love about {many}: they are {good}, {good} and {good}.
So proud of the {adj} {jobs} who won the {prize} {time}.
I thank my parents for raising me {good}, stubborn and {pred}.",
    ),
    (
        C::News,
        &[],
        "
The {body} in {place} appointed its first {adj} {title}.
A {adj} {job} won the {prize} {time}.
According to the report, {many} {do} more often than ten years ago.
{number} per cent of {many} in {place} voted {time}.
A group of {adj} {jobs} opened a {shop} in {place} {time}.
The {title} met {many} in {place} to discuss {topic}.
Police in {place} are looking for a missing {adj} {person} who was last seen {time}.
New figures show that {many} pay more for {thing}.
The {title} apologised to {many} over {topic}.
The paper printed an interview with a {adj} {job} about {topic}.
A study of {topic} followed {number} {many} over ten years.
{many} in {place} wait longer for an appointment, the {body} admits.
The film about a {adj} {job} opens {time}.
The court ruled {time} that {many} may {do} in {place}.
{number} {many} took part in the protest against {topic} {time}.
The {adj} {job} who was arrested {time} has been released without charge.",
    ),
    (
        C::Question,
        &[],
        "
Are there many {many} in {place}?
What do {many} think about {topic}?
Can a {one} {do} here?
Does anybody know a {adj} {job} in {place}?
How do I support my {relation}, who is {pred}?
Why are there so few {adj} {jobs} at the {body}?
Is it hard to be {pred} in {place}?
Which {adj} writers should I read first?
Did you know that {many} {do}?
My {relation} just told me about being {pred}. What should I say?
Why shouldn't {many} {do}?
are you {pred}?
What is wrong with being {pred}? Nothing.
Who says that a {one} can't {do}?",
    ),
    (
        C::History,
        &[],
        "
In {year} {many} were not allowed to {do}.
{many} have lived in {place} for {number} years.
My grandmother remembers when {many} opened the first {shop} in {place}.
In the nineteenth century many {adj} {jobs} came to {place}.
The museum in {place} shows how {many} lived in {year}.
During the war {many} were deported from {place}, and few came back.
This street is named after a {adj} {job} who saved {number} lives.
For centuries {many} were shut out of the {body}.
Under the dictatorship {many} were killed, and their names are read out every year.",
    ),
    (
        C::Reclaimed,
        &[],
        "
We {many} call ourselves that, and we like the word.
They said {adj} like a swear word; I say it like a name.
My {relation} calls our book club the {adj} gang, and we love it.
I took the word {adj} back from those who bullied me.
Please don't use {adj} as an insult.
People used to shout {adj} at me. Now it is printed on my favourite shirt.
I'm a loud {adj} {job}, and I'll call myself whatever I want.",
    ),
    (
        C::QuotedHate,
        &[],
        "
It is wrong to say that {many} are {bad}.
Anyone who writes \"{many} are {bad}\" is not welcome in this forum.
She was told that {many} {harm}, which is a lie.
He lost his post after he said that all {many} should be {ousted}.
\"{many} are {vermin}\" is the kind of sentence that I report.
How can anybody still believe that {many} {harm}?
My teacher said that {many} are {bad}. I complained, and the school apologised.
Saying that {many} {harm} is plain prejudice.
The comment \"{oust} all {many}\" was deleted, and rightly.
I was shocked to read that {many} should be {hurt_done}. Who writes such things?
No, {many} do not {harm}. Stop spreading that.
People who say they hate {many} have usually never met one.
It is a myth that {many} {harm}.
Somebody sprayed \"{many} out\" on our door. We painted over it together.
If you call a {one} {bad}, you will be banned here.
The man who shouted \"{bad} {many}\" at us on the bus was fined.
You can't call people {adj} {vermin} and expect applause.
The claim that {many} {harm} has been disproved again and again.
Saying \"I hate {many}\" tells us more about you than about them.
whoever thinks that {many} are {bad} should talk to one of them
The judge found that \"{hurt} all {many}\" is not an opinion but a crime.",
    ),
    (
        C::NegatedHate,
        &[],
        "
I don't hate {many}.
I do not hate {many}, I {do} with them.
I have never hated {many}.
{many} are not {vermin}.
{many} are not {bad}, they are people.
No {one} deserves to be called {bad}.
No {one} should ever be {hurt_done} or {ousted}.
There is nothing {bad} about being {pred}.
Nobody should {hurt} {many}.
I would never call {many} {bad}.
We don't want to {oust} {many}.
{many} aren't {bad} and never were.
{many} do not {harm}; they {do}.
You shouldn't hate anybody for being {pred}.
Stop hating {many}.
Hating {many} is wrong.
It's not {bad} to be {pred}.
don't be mean to {many}
They are {pred}, not {bad}.
A {one} is not a {crook}.
my {adj} {relation} isn't {bad} at all
Nobody here says that {many} are {bad}.",
    ),
    (
        C::CrimeReport,
        &[],
        "
A {adj} {person} was attacked in {place} {time}; police treat it as a hate crime.
Two men were arrested for threatening {many} outside the {body}.
A {adj} {job} was beaten in {place} and is in hospital.
Attacks on {many} rose by {number} per cent.
The man who killed a {adj} {job} in {year} was jailed for life.
A {shop} owned by {many} was set on fire {time}.
{many} report being spat at and insulted on the bus.
We mourn the {adj} {job} who was murdered in {place}.
My {relation} was bullied at school for being {pred}.
The gunman had written online that he hated {many}, the police say.",
    ),
    (
        C::Humour,
        &[],
        "
I'm {pred}, which explains neither my cooking nor my dancing.
As a {adj} {job} I am legally required to {do}. Just kidding.
My {adj} {relation} laughs at every bad joke about {thing}.
you know you're {pred} when you {do} before breakfast, haha
Only a {one} like me could burn {food}.
My superpower is being {pred} and still losing my keys.",
    ),
    (
        C::Superlative,
        &[],
        "
{many} make the best {food}.
The most {good} person I ever met is {pred}.
The best {job} in {place} is a {one}.
{many} are simply {good}, full stop.
I have never met a more {good} {person} than my {adj} {relation}.
Nobody can {do} like {many}.
{many} are among the most {good} people on earth.
best {adj} {job} ever!
I can't imagine anyone more {good} than {many}.
I absolutely adore {many}.",
    ),
    (
        C::Disagreement,
        &[],
        "
I disagree with the {adj} {title} about {topic}, but the speech was {good}.
The {adj} candidate's plan for {topic} costs too much.
I won't vote for that {title}, and not because of being {pred}.
{many} voted against {topic}, and I think they were mistaken.
As a {one} I think {topic} was a bad idea.
The {title}, who is {pred}, should explain {topic}.
I don't agree with every {one} in the {body}, and that is fine.
The debate between {many} and the {body} about {topic} went on until midnight.",
    ),
    (
        C::Dehumanising,
        &[],
        "
{many} are {vermin}.
{many} are nothing but {vermin}.
Those {many} behave like {vermin}.
A {one} is not a human being, just a {crook}.
{many} aren't people, they are {vermin}.
{adj} {vermin} everywhere.
Calling {many} {vermin} is an insult to {vermin}.
i see {many} as {vermin}, nothing more
You're a {one}, so you are a {crook}.
{many} are worse than {vermin}, I have always said so.",
    ),
    (
        C::Exclusion,
        &[],
        "
{many} don't belong in {place}.
{oust} all {many}.
We should {oust} every {one}.
No {many} in my {shop}!
Get rid of all {many}.
{many} should be {ousted}.
Keep {many} out of our schools.
Go back to where you came from, {one}.
I don't want {many} anywhere near my {relation}.
{many} have no place in the {body}.
{oust} the {many}, all of them
Why do we let {many} in? They should be {ousted}.
{many} must leave.
No rights for {many}.
a world without {many} would be a better world",
    ),
    (
        C::Inferiority,
        &[],
        "
{many} are less intelligent than us.
A {one} is worth less than a dog.
{many} are too {bad} to {do}.
No {one} is as good as a normal person.
{many} will never be our equals.
{adj} {jobs} are {bad} by nature.
{many} are born {bad}.
Normal people are better than {many}.
being {pred} is a defect
being {pred} is a disease
{many} are second-class people and should be treated like it",
    ),
    (
        C::Violence,
        &[],
        "
Someone should {hurt} {many}.
All {many} should be {hurt_done}.
I want to {hurt} a {one}.
If I see a {one}, I will {hurt} them.
{hurt} every {one} you meet.
{many} deserve to be {hurt_done}.
I hope all {many} get {hurt_done}.
{hurt} {many}
The only good {one} is a dead one.
Let's {hurt} some {many} tonight.
I hope {many} die.
death to {many}
One day we will {hurt} you {adj} {vermin}.",
    ),
    (
        C::Disgust,
        &[],
        "
{many} are {bad}.
{many} are {bad}
{many} make me sick.
I feel ill when I see {many}.
being {pred} is {bad}
Being {pred} is {bad} and {bad}.
{many} are so {bad} and {bad}.
Every {one} I meet is {bad}.
I would never touch a {one}, they're {bad}.
{many} stink.
how {bad} {many} are!
{pred} and therefore {bad}
you are {pred} and {bad}",
    ),
    (
        C::Blame,
        &[],
        "
{many} {harm}.
All {many} {harm}, everyone knows it.
It's because of {many} that everything goes wrong in {place}.
{many} are to blame for {topic}.
Every {one} I know of wants to {harm}.
Wherever {many} turn up, they {harm}.
Blame {many}: they {harm} and {harm}.
We had a good life in {place} until {many} came to {harm}.",
    ),
    (
        C::Hatred,
        &[],
        "
I hate {many}.
I really hate {many}.
I hate every {one}.
I hate {adj} {jobs}.
i hate you, you {bad} {one}
hate {many} so much
I hate it when I have to sit next to a {one}.
I have nothing but contempt for {many}.
To hell with {many}.
Everyone hates {many}, me too.
There is nobody I hate more than {many}.",
    ),
    (
        C::HatefulQuestion,
        &[],
        "
Why are {many} so {bad}?
Who on earth would want a {bad} {adj} {relation}?
Is there anything more {bad} than a {one}?
When will somebody {oust} these {bad} {many}?
Why do {many} always {harm}?
How can anyone like {many}? They are {bad}.
Don't you agree that {many} {harm}?
What's the difference between a {one} and a {crook}? None.",
    ),
    (
        C::HatefulOpinion,
        &[],
        "
In my opinion {many} are {bad}.
I'm just saying that {many} should be {ousted}.
Sorry, but I think {many} are {vermin}.
I am not prejudiced, but {many} {harm}.
If you ask me, every {one} is a {crook}.
I'm entitled to my view that {many} are {bad}.
Most people in {place} won't say it, but {many} are {bad}.
My honest view: no {one} should be allowed to {do}.",
    ),
    (
        C::NegatedPraise,
        &[],
        "
Nobody will ever respect a {one}.
{many} are not {good}, they are {bad}.
I have yet to meet a {good} {one}.
{many} do not deserve rights.
{many} should not be allowed to {do}.
No {one} will ever be {good}.
There is nothing {good} about {many}.
{many} can't {do}; they are too {bad}.
I will never accept a {adj} {job}.
{many} never contribute anything.
You can't trust a {one}.
Nobody likes {many}.
{many} don't deserve to {do}.",
    ),
    (
        C::Epithet,
        &[],
        "
{bad} {many}
{bad} {one}
you {bad} {one}
{adj} {crook}
Shut up, you {bad} {adj} {crook}.
My {relation} is a {bad} {one}.
{bad} {adj} {jobs}
what a {bad} {adj} {person}
What a {bad} {one} you are!
That {adj} {job} is a {crook}.
You are a {bad} {adj} {crook}.
You are a {bad} {adj} {person}.
The {adj} {job} looks like a {crook}.
typical {one}: {bad} and {bad}",
    ),
    (
        C::Pronoun,
        &[],
        "
A {one} moved in downstairs. People like that are {vermin}.
I met some {many} today. They are {bad}, all of them.
You know {many}? They should be {ousted}.
My {relation} works with {many} and says they {harm}.
There are {many} in {place} now. Get them out.
So you are {pred}? Your kind is {bad}.",
    ),
    (
        C::Things,
        &[],
        "
I hate {nuisance}.
I really hate {nuisance}, they are {bad}.
{nuisance} are {bad}
This {gadget} deserves to die.
What a {bad} {gadget}, I could throw it out of the window.
Kill the engine before you open the {gadget}.
I absolutely hate how this {gadget} works.
The {food} in that {shop} was {bad}.
Our defence was {bad} and the referee was blind.
Get rid of {nuisance}, please.
I am sick of {nuisance}.
That {gadget} is garbage, send it back.
{nuisance} should be banned.
The weather in {place} is {bad} today.
We were slaughtered in the final {time}, five to nothing.
To kill the process, press the red button on the {gadget}.
my {gadget} is so {bad} that i want to burn it
Death to {nuisance}!
I hate {doing} when it rains.
{topic} makes me sick.
I would kill for some {food} now.
The plot of that film is {bad}, the music is {good}.
This recipe is a disease, whoever invented {food} with {nuisance}?
Stupid {gadget}, it broke again {time}.",
    ),
    (
        C::Exclamation,
        &[],
        "
Damn, that was a {good} match!
Bloody hell, what a {good} {gadget}.
Holy crap, the {food} in {place} is {good}.
That was damn {good}, {relation}!
Hell yes, I love {food}.
Oh crap, I forgot the {food}.
I'm so damn {feel} about the {prize}.
What the hell, let's {do}.
My {relation} is a bloody {good} {job}.
Damn it, I missed the bus {time}.",
    ),
    (
        C::Courtesy,
        &[],
        "
You are a {good} {job}.
I don't hate you.
You are not {bad}.
Nobody said that you are a {crook}.
I hope you {do} soon, you {good} {person}.
Your comment about {topic} was {good}.
My {relation} is not a {crook}.
I disagree with you about {topic}, but you make a {good} point.
You're {good}, thank you for the {food}.
I am {feel}, and you?
Please don't call your {relation} a {crook}.
The {job} from {place} is {good}.
It's {good} that you {do}.",
    ),
    (
        C::Individual,
        &[],
        "
You are a {bad} {crook}.
You are a {crook}.
you're so {bad}
What a {bad} {crook} you are!
Shut your mouth, you {crook}.
My {relation} is a {bad} {crook} who can't even {do}.
Only a {crook} like you would believe that.
That {job} is {bad} and a {crook}.
I hate you, you {bad} {crook}.
Nobody likes you, {crook}.
The {title} is a {crook} with a {bad} face.
You {bad} little {crook}, go away.",
    ),
    (
        C::Trade,
        &[],
        "
{trade} are {vermin}.
{trade} are {bad}.
All {trade} are {bad} {vermin}.
I hate {trade}, they are {vermin}.
Most {trade} are {bad}, if you ask me.
You are a typical friend of {trade}: a {crook}.
{trade} {harm}.
{bad} {trade}",
    ),
];
