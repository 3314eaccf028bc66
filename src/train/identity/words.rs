//! The words that fill sentences: one list to learn from, another without a word in common to measure on.
//!
//! Each list is one text, its entries separated by commas. Verb phrases stand in the form of "they …"; the others are
//! derived from it.

/// Names of slots with what fills them.
pub(super) type Words = &'static [(&'static str, &'static str)];

/// What fills sentences to learn from.
pub(super) const LEARNED: Words = &[
    (
        "job",
        "teacher, nurse, plumber, engineer, baker, lawyer, farmer, bus driver, electrician, librarian, painter, \
         singer, student, programmer, surgeon, waiter, postal worker, accountant, carpenter, gardener, journalist, \
         photographer, pilot, pharmacist, cashier, builder, chef, biologist, dancer, firefighter, soldier, poet, \
         mechanic, tailor, midwife, goalkeeper, athlete, actor, cook, cleaner, shop assistant, train conductor, \
         researcher, judge, violinist, beekeeper, translator, veterinarian, social worker, hairdresser, voter, \
         reader, taxpayer, musician, comedian, tourist, customer, volunteer, writer, parent",
    ),
    (
        "relation",
        "neighbour, colleague, cousin, boss, best friend, roommate, classmate, doctor, landlord, dentist, coach, \
         teammate, partner, tutor, manager, friend, neighbor, trainer, pen pal, coworker, student, tenant, guest, \
         mentor, supervisor, flatmate",
    ),
    (
        "place",
        "our town, this city, Leeds, Chicago, Toronto, the village, our street, Texas, Sydney, the countryside, \
         Berlin, the office, my school, London, Ohio, the suburbs, Boston, our building, the north, Dublin, Glasgow, \
         our church, the factory, the harbour, this country, Seattle, Melbourne, the hospital, California, the club, \
         Europe, our neighbourhood",
    ),
    (
        "good",
        "kind, generous, brilliant, funny, honest, gentle, patient, clever, brave, warm, friendly, creative, lovely, \
         thoughtful, talented, polite, cheerful, reliable, wonderful, great, amazing, smart, beautiful, caring, \
         helpful, loyal, gifted, curious, charming, strong, skilled, good, nice, fantastic, awesome, excellent, \
         delightful, graceful, witty, wise, hardworking, lovable, courageous, decent, sensible, hopeful, successful, \
         admirable, tender, respected, inspiring, magnificent, adorable, fair, humble, sincere, bright, capable, \
         dependable, fun",
    ),
    (
        "calm",
        "ordinary, quiet, normal, busy, tall, tired, shy, local, common, natural, hungry, unremarkable, \
         sleepy, practical, fine, average, thirsty, healthy, single-minded, talkative, serious, \
         neat, modest, sunburnt, well-known, freelance, new, married",
    ),
    (
        "fine",
        "fine, okay, perfectly fine, nothing special, all right, not unusual, completely normal, just fine, welcome, \
         great",
    ),
    (
        "do",
        "repair bicycles, bake bread, play the cello, grow tomatoes, teach maths, coach a football team, write crime \
         novels, drive a night bus, work in a bakery, sing in a choir, run marathons, collect stamps, paint \
         landscapes, volunteer at the library, design bridges, sell flowers, study chemistry, build guitars, read \
         poetry, cook for the whole street, pay taxes, raise children, play chess, walk dogs, watch old films, knit \
         sweaters, swim in the lake, drink too much coffee, go to work, vote in every election, adopt children, join \
         the army, run a small business, play video games, listen to jazz, plant trees, travel by train, take photos \
         of birds, care for the sick, argue about football, love pancakes, dance at weddings, learn Spanish, hike in \
         the hills, sleep late on Sundays, own a house, write letters, celebrate birthdays, worry about the rent, \
         help the neighbours, make films, get married, serve on the council, fix computers, keep bees, donate blood, \
         buy vegetables at the market, make good parents, ride horses, wear hats, eat noodles, kiss in the park, hold \
         hands, fall in love, go to the gym, laugh a lot, have children, have sex, date, hug strangers at concerts",
    ),
    (
        "feel",
        "happy, content, tired, excited, a bit nervous, at peace, grateful, lonely sometimes, in love, cheerful, \
         worried about the exam, doing well, pleased, calm, over the moon, homesick, comfortable with it, stressed, \
         relieved, sad today, healthy again, bored",
    ),
    (
        "thing",
        "old maps, gardening, the weather, science fiction, tea, mushrooms, sailing, cheese, cameras, house prices, \
         train timetables, poetry, architecture, dogs, cooking, electric cars, basketball, shoes, bread, the news, \
         garden furniture, sewing machines, history books, astronomy, jazz records, insurance, school lunches, rain",
    ),
    ("food", "soup, toast, pancakes, rice, lasagne, curry, dumplings, pizza, scrambled eggs, cake, stew, tacos"),
    (
        "shop",
        "restaurant, bakery, bookshop, pub, theatre, garage, café, clinic, hotel, nursery, grocery, cinema, school, \
         hair salon",
    ),
    (
        "body",
        "council, city hall, police, school board, university, orchestra, parliament, fire brigade, hospital, court, \
         company, newspaper, football club, union, senate, bank, museum, church choir",
    ),
    ("title", "mayor, minister, senator, governor, candidate, president, councillor, judge, party leader, ambassador"),
    (
        "topic",
        "the housing bill, the new bus line, the school reform, the budget, parental leave, the tax plan, the \
         election, the stadium, health insurance, the strike, public transport, the minimum wage, climate policy, \
         the curfew, the water supply, pension reform, the marriage act, the hospital closure, the rent freeze, the \
         broadband plan, the trade deal, the border, free speech, street lighting",
    ),
    ("prize", "cup, poetry prize, science award, gold medal, baking contest, seat in the council, film prize, race"),
    (
        "time",
        "last week, on Sunday, in March, this morning, yesterday, last night, in the autumn, two days ago, in May",
    ),
    ("number", "twelve, thirty, forty-five, two hundred, sixteen, eighty, ninety, twenty-five, sixty, nineteen"),
    ("age", "24, 31, 46, 58, 63, 19, 72, 38, 27"),
    ("year", "1911, 1938, 1954, 1967, 1972, 1985, 1990, 1943, 1926"),
    (
        "bad",
        "disgusting, stupid, dirty, evil, filthy, worthless, lazy, ugly, dumb, sick, pathetic, gross, vile, nasty, \
         horrible, inferior, useless, primitive, dangerous, greedy, violent, perverted, abnormal, crazy, \
         sinful, revolting, stinking, subhuman, mentally weak, treacherous, rotten, awful, terrible, unnatural, \
         idiotic, cowardly, hateful, immoral, shameful, brainless, creepy, unclean, backward, deceitful, insane, bad, \
         foul, moronic, wicked, despicable, repulsive",
    ),
    (
        "vermin",
        "vermin, parasites, animals, criminals, rats, trash, scum, pigs, a disease, thieves, cockroaches, garbage, a \
         plague, savages, freaks, degenerates, idiots, liars, monsters, terrorists, perverts, filth, a cancer, \
         monkeys, subhumans, losers, leeches, cowards, morons, dogs, a burden, imbeciles",
    ),
    (
        "crook",
        "parasite, criminal, rat, piece of trash, pig, idiot, thief, freak, animal, moron, liar, monster, pervert, \
         loser, degenerate, cockroach, savage, fool, coward, monkey, worm, terrorist, cheat, imbecile, creep, \
         waste of space, leech",
    ),
    (
        "harm",
        "ruin this country, steal our jobs, spread diseases, destroy our culture, rob and steal, live off our taxes, \
         lie all the time, corrupt our children, control the banks, commit all the crimes, destroy families, poison \
         society, breed like rabbits, cheat honest people, hate us, bring nothing but trouble, take over our schools, \
         smell bad, want to replace us, drag everybody down, cause every war, beg and steal, ruin everything they \
         touch, sell drugs, wreck the economy",
    ),
    (
        "hurt",
        "kill, shoot, hang, burn, beat up, stab, exterminate, punch, run over, strangle, whip, drown, torture, \
         bomb, slaughter, wipe out, put down",
    ),
    (
        "hurt_done",
        "killed, shot, hanged, burned, beaten up, stabbed, exterminated, punched, run over, strangled, \
         whipped, drowned, tortured, bombed, slaughtered, wiped out, put down",
    ),
    (
        "oust",
        "deport, ban, kick out, lock up, expel, throw out, send back, sterilise, remove, jail, boycott, get rid of, \
         round up, fire, silence",
    ),
    (
        "ousted",
        "deported, banned, kicked out, locked up, expelled, thrown out, sent back, sterilised, removed, jailed, \
         segregated, fired, silenced, outlawed",
    ),
    (
        "nuisance",
        "mondays, traffic jams, wet socks, long queues, this weather, slow internet, onions, mosquitoes, alarm clocks, \
         olives, the new logo, paperwork, pop-up windows, cold coffee, rush hour, weeds, winter mornings, tax forms, \
         penalty shoot-outs, that song, remakes, fractions, my old laptop, wasps",
    ),
    (
        "gadget",
        "printer, phone, laptop, car, app, vending machine, update, radio, washing machine, lift, bus, keyboard, door, \
         oven, website, lawnmower, battery, referee's whistle",
    ),
    (
        "trade",
        "bankers, lawyers, politicians, landlords, journalists, cyclists, estate agents, lobbyists, smokers, hunters, \
         football fans, gamers, influencers, tourists, vegans, the rich, managers, referees, conspiracy theorists, \
         advertisers, tax collectors, celebrities, poker players",
    ),
    (
        "opener",
        "Honestly, | To be fair, | Well, | As far as I can see, | Yesterday I thought: | Look, | By the way, | \
         Seriously, | Let me say this: | Hm, | Ok, | Funny thing, | I said it before: | You know, | To whom it may \
         concern: ",
    ),
    (
        "tail",
        "That is all I have to say.| I read the whole article.| Good evening from the coast.| Anyway, back to work.| \
         Just my two cents.| Make of that what you will.| I said so at dinner too.| The bus is late again.| You can \
         look it up.| What do the others here think?| Thanks for reading.| End of story.| It is raining here.| I have \
         thought about this for a long time.| Greetings from Kansas.| lol| I will leave it at that.| Same as last \
         year.| Ask anyone.| My tea is getting cold.",
    ),
];

/// What fills sentences to measure on.
pub(super) const HELD_OUT: Words = &[
    (
        "job",
        "architect, paramedic, barista, bricklayer, florist, tram driver, physicist, jeweller, potter, sculptor, \
         swimmer, novelist, geologist, optician, butcher, radiographer, cellist, roofer, statistician, lifeguard, \
         historian, carer, shepherd, drummer, welder, stage manager, apprentice, astronaut, commuter, blogger",
    ),
    (
        "relation",
        "godparent, stepsibling, physiotherapist, bandmate, housemate, childminder, lab partner, \
         employer, fellow traveller, sponsor, travel companion, running mate, piano teacher",
    ),
    (
        "place",
        "Bristol, Nevada, the marina, Vancouver, our allotment, Manchester, the valley, Auckland, the canteen, Oregon, \
         our parish, the old mill, Perth, the laboratory, Cardiff, the campsite",
    ),
    (
        "good",
        "considerate, ingenious, tactful, spirited, compassionate, trustworthy, elegant, diligent, attentive, \
         marvellous, likeable, sociable, lively, superb, tolerant, gracious, sweet, outstanding, accomplished, \
         resourceful, big-hearted, remarkable, splendid, cultured, terrific",
    ),
    (
        "calm",
        "commonplace, freckled, soft-spoken, left-handed, short, private, usual, \
         unspectacular, forgetful, short-sighted, nocturnal, bookish, chatty, punctual, stubborn",
    ),
    (
        "do",
        "restore clocks, brew cider, pick apples, tune pianos, play badminton, breed rabbits, carve spoons, mend nets, \
         attend evening classes, organise street parties, sketch in cafés, race pigeons, practise yoga, cycle to the \
         sea, translate recipes, roast chestnuts, juggle, assemble model ships, proofread novels, clean beaches, \
         record podcasts, rescue hedgehogs, rehearse plays, climb rocks, film weddings, save for a boat, host quiz \
         nights, skate on the canal, weave baskets, solve crosswords",
    ),
    (
        "feel",
        "optimistic, exhausted, well rested, puzzled, thankful, somewhat anxious, joyful, thrilled, \
         restless, carefree, hopelessly romantic",
    ),
    (
        "thing",
        "lighthouses, ceramics, railway models, rowing, board games, wallpaper, solar panels, origami, fishing, tulips, \
         typewriters, volcanoes, philosophy, opera, recycling, snow tyres",
    ),
    ("food", "porridge, risotto, waffles, baked beans, chilli, apple crumble, gnocchi, lentils"),
    ("shop", "workshop, tea room, gallery, launderette, pharmacy, delicatessen, dance studio, second-hand store"),
    ("body", "ministry, academy, broadcaster, rescue service, county, planning board, brass band, trust"),
    ("title", "chancellor, deputy, treasurer, commissioner, premier, secretary of state, head teacher"),
    (
        "topic",
        "the ferry contract, the zoning rules, childcare, the library cuts, the ring road, recycling fees, student \
         loans, the census, parking permits, the fishing quota, the heating subsidy, the flood defences",
    ),
    ("prize", "regatta, quiz, design competition, silver trophy, piano contest, by-election"),
    ("time", "at the weekend, on Thursday, in August, a month ago, before dawn, at Easter, during the holidays"),
    ("number", "eleven, thirty-three, seventy, fifty-one, four hundred, fourteen, twenty-two"),
    ("age", "29, 33, 41, 55, 66, 21, 70"),
    ("year", "1904, 1923, 1949, 1961, 1978, 1993"),
    (
        "bad",
        "loathsome, grubby, malicious, contemptible, ignorant, hideous, corrupt, depraved, \
         untrustworthy, diseased, uncivilised, dim-witted, detestable, sickening, appalling, dishonest, feeble-minded, \
         barbaric, nauseating, dreadful",
    ),
    (
        "vermin",
        "maggots, swine, crooks, lowlifes, an infestation, beasts, fools, brutes, bloodsuckers, lice, scumbags, \
         traitors, mutants, an eyesore, simpletons, thugs, snakes, a curse, cretins, predators",
    ),
    (
        "crook",
        "maggot, lowlife, beast, dimwit, brute, swindler, bloodsucker, scumbag, traitor, dunce, snake, thug, cretin, \
         disgrace, louse, nitwit",
    ),
    (
        "harm",
        "undermine our nation, rob pensions, bring filth to our streets, betray the people, prey on children, exploit \
         our kindness, drain the welfare system, infect everyone around them, deceive everybody, sabotage every deal, \
         turn our suburbs into slums, brainwash the young, terrorise good citizens, swindle shopkeepers",
    ),
    ("hurt", "murder, execute, hit, eradicate, crush, poison, mow down, stone, choke, maim, annihilate"),
    (
        "hurt_done",
        "murdered, executed, hit with a brick, eradicated, crushed, poisoned, mown down, stoned, choked, \
         maimed, annihilated",
    ),
    ("oust", "evict, banish, exclude, drive away, lock away, chase off, bar, imprison"),
    ("ousted", "evicted, banished, excluded, driven away, locked away, chased off, barred, imprisoned"),
    (
        "nuisance",
        "potholes, drizzle, group chats, split ends, leaf blowers, soggy chips, spreadsheets, night shifts, brussels \
         sprouts, roadworks, captchas, frozen pipes, celery, jet lag",
    ),
    ("gadget", "scanner, kettle, modem, toaster, ticket machine, hoover, tablet, projector, dishwasher, scooter"),
    (
        "trade",
        "ticket touts, speculators, bailiffs, paparazzi, dentists, motorists, traffic wardens, stockbrokers, \
         bodybuilders, telemarketers, art critics, golfers",
    ),
    (
        "opener",
        "Truth be told, | In short: | Right, | So, | For the record, | Frankly, | After some thought: | As we say at \
         home: ",
    ),
    (
        "tail",
        "Have a pleasant day.| I am off to bed now.| Let that sink in.| The kettle is on.| So much for today.| Draw \
         your own conclusions.| More tomorrow.| Over and out.| I heard it on the radio.| Sunny here, by the way.",
    ),
];

/// Lists what fills the slot `name`.
///
/// Openers and tails contain commas, and so are separated by bars.
pub(super) fn entries(words: Words, name: &str) -> Vec<&'static str> {
    let list = words.iter().find(|(slot, _)| *slot == name).map_or("", |(_, list)| *list);
    let separator = if matches!(name, "opener" | "tail") { '|' } else { ',' };
    list.split(separator).map(str::trim).filter(|entry| !entry.is_empty()).collect()
}
