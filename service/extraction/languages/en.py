"""English, as data: words and forms by cue. The meaning of each cue is in `language.CUES`."""

from service.extraction.language import Language, words
from service.extraction.morphology.english import analyse

LANGUAGE = Language(
    code="en",
    name="English",
    letters="",
    stop_words=words(
        """
        a an and are as at be but by can could do does for from have i if in is it me not of on or our
        please so that the this to we will with would you your
        """
    ),
    abbreviations=words(
        """
        approx apr aug co dec dept dr e.g etc feb fig fri i.e inc jan jul jun ltd mar mon mr mrs ms no nov
        oct prof rs sat sep sept st sun thu thurs tue tues vs wed
        """
    ),
    conjunctions=words("and but however so"),
    analyse=analyse,
    cues={
        "negation": "not, n't, no, never, nothing, none, nobody, without, cannot, neither",
        "condition": """
            if, as long as, provided, subject to, only if, only when, unless, once, assuming,
            on condition, under one condition, on the understanding, so long as, when _ <past>, pending,
            conditional, contingent, but only, apart from, except, bar the, besides
        """,
        "hypothetical": """
            usually, normally, generally, always, often, used to, if i were, would have, might have,
            every time, typically, if only, tends to, last year
        """,
        "tentative": """
            try, hopefully, should be able, might, maybe, perhaps, probably, possibly, leaning, aim to,
            hope to
        """,
        "undertake": """
            i will, i'll, we will, we'll, i shall, we shall, will <imp>, i'm going to, we're going to,
            i am going to, we are going to, ill <imp>, well <imp>, i promise, we promise, gonna,
            let me <imp>, will let you, i'd be glad to, i shall be glad
        """,
        "undertake_now": """
            i'm <1pres>, am <1pres>, we're <1pres>, i am <1pres>, we are <1pres>, ^<1pres>, on our side,
            i <imp>, we <imp>
        """,
        "will_be": """
            you'll have|get|see|hear|find|receive, you will have|get|see|hear|find|receive, you have it,
            you get, it'll be, will be with, 'll be, will be, will reach, will have, they're yours,
            is yours, with you, be with you, in your hands, reaches you, you shall have, goes into,
            will go, comes <time>, goes out, follows, will follow, will call, will visit, he'll, she'll,
            they'll, he will, she will, they will, will attend, will come, will do, gets done
        """,
        "will_do": """
            will do, on it, can do, consider it done, leave it with me, leave that with me, no problem,
            np, no prob, my pleasure, happy to, glad to, on the case, doable, right away, straight away,
            aye aye, sure thing, of course, with pleasure, i'll see to it, on my list, as good as done
        """,
        "ask": """
            please, pls, plz, kindly, could you, can you, would you, will you, can u, could u,
            could we have, can we have, can i have, can we get, can i get, could i get, may i have,
            might i have, any chance, any way, is it possible, i'd appreciate, i would appreciate,
            would appreciate, grateful if, obliged if, be grateful, be obliged, appreciate it if,
            would like you to, want you to, i want, we want, i'd like, we'd like, we would like,
            i would like, requested to, you are requested, request you to, requesting, make sure,
            don't forget, need you to, must, needs to, has to, wants, do the needful, it would be great,
            would be a great help, be glad of, could somebody, could someone, can somebody, can someone,
            ask you to, would ye, could ye, can ye
        """,
        "imperative": """
            ^<imp>, please <imp>, pls <imp>, and <imp>, just <imp>, then <imp>, kindly <imp>,
            to <imp> please
        """,
        "need": """
            need, needs, needed, we're missing, still missing, missing, require, required, requires,
            waiting for, waiting on, we'd need, i'd need, want, due, doing _ at the latest
        """,
        "can_you": """
            could you, can you, would you, will you, can u, could u, could we, can we, could i, can i,
            would it be possible, is it possible, any chance, any way
        """,
        "second": "you, u, ye, your, yours",
        "infinitive": "to <imp>",
        "explicit": """
            approved, i approve, we approve, agreed, i agree, we agree, accepted, i accept, we accept,
            confirmed, i confirm, we confirm, signed off
        """,
        "propose": """
            suggest, propose, proposal, offer, quote, how about, what about, what if, what do you say,
            shall we, shall i, should we, should i, could we, can we, could i, we could, i could, i can,
            we can, want me to, would you like, would you want, do you want, fancy, instead, i'd like to,
            would prefer, i'd prefer, let's, lets, best i can do, it would be, that would be, would be,
            on top, extra, comes to, comes out at, is what i can, rather than, or, may we, might we,
            might i, would monday, would the, leaning, care to, happy for, happy to go, any objection*,
            any reason, hear otherwise, hear nothing, no feedback, have a deal, we'd suggest,
            would suggest, move, shift, push, swap, unless
        """,
        "seek_yes": """
            ok, okay, okay with you, approve, approved, approval, sign off, sign-off, signoff, signed off,
            confirm, confirmation, confirmed, agree, agreed, agreeable, acceptable, accept, happy with,
            are you happy, happy for, does that work, work for you, works for you, does that suit,
            suit you, suits you, suit, all right, alright, good to go, go ahead, green light,
            the go-ahead, nod, your say, say-so, a yes, yes or no, yea or nay, yay or nay, which, pick,
            your call, up to you, interested, worth it, up for it, are you up, any good, deal,
            what do you say, what say you, how does that sound, sound good, any objection,
            does that sound, your view, let me know if, thoughts, your answer, your word, your decision,
            choose, choice, take your pick, right, correct, go with, can it, can we go, are we,
            would you be happy, content with, manageable, workable, could we, can we, may we, shall we,
            shall i, want me to, would you like, go for
        """,
        "accept": """
            approve, approved, approves, approval, agreed, agree, accept, accepted, acceptable, confirmed,
            confirm, works, work for me, works for me, works for us, work for us, suits, suits us,
            suits me, suit us, fine, fine by me, fine by us, fine with me, all right, alright, good to go,
            go ahead, go for it, go with, we go, go on then, it's a go, a go, deal, done, perfect,
            perfectly, sounds good, sounds great, sounds perfect, happy with, happy to go, content,
            i'm happy, we're happy, everybody is happy, no objection*, no issue*, no problem*, no remarks,
            no comments, no concerns, no complaints, no quarrel, nothing against, i can live with,
            we can live with, can live, live with, in order, correct, right, exactly, exactly so,
            exactly like, that's right, thats right, that's it, thats it, thats the one, that's the one,
            it is, it shall be, let's do, let's go, lets go, lets do, we'll take, i'll take, we take,
            take it, take the, have him, put me down, put us down, put it through, print it, order it,
            ship it, send it, kill it, pause it, do it, please do, please reserve, carry on, crack on,
            work away, proceed, release, stands, i'd back, i'm in, we're in, im in, count us in, lgtm,
            looks good, good by me, ok, okay, okey, yes, yep, yeah, yup, ya, aye, sure, absolutely,
            definitely, certainly, of course, by all means, with pleasure, signed off, sign off, sanction,
            blessing, love it, great, lovely, thumbs up, bang on, spot on, true, as i remember, matches,
            rightly noted, is the figure, we do it, gets it, goes in, preference, sound, 'll do, will do,
            you can <imp>, does nicely, then, them, one, locked
        """,
        "no_objection": """
            no objection*, no issue*, no problem*, no remarks, no comments, no concerns, no complaints,
            no quarrel, nothing against, no reservations, no changes, can't fault, do not object,
            don't object, don't mind, no further comments, not against
        """,
        "ask_yes": """
            please approve, please confirm, please sign off, pls approve, pls confirm, kindly approve,
            kindly confirm, confirm pls, requesting your, request your approval|confirmation,
            your approval, your confirmation, please let us have your, accord approval, await your,
            awaiting your, need your approval, could you approve|confirm, can you approve|confirm,
            would you approve|confirm, please for accept
        """,
        "decide_later": """
            'll approve|confirm|sign|decide|accept, will approve|confirm|sign|decide, approving it,
            i'll think, let me think, i'll put it to, shall approve
        """,
        "pending": "not yet, yet, still thinking, under review, awaiting approval, let me check",
        "yes": """
            ^yes, yes$, ^yep, yep$, ^yeah, yeah$, ^yup, ^ok, ok$, okay, k$, ^sure, sure$,
            ^aye, ya, agreed, deal, done, fine, right, correct, cool, great, perfect, +, +1,
            👍, 👌, 🤝, ✅, 🔥, 💯, 🚀, 🙌, 🫡, 🔒, got it, noted, understood, ack, absolutely, lgtm,
            yes*
        """,
        "refuse": """
            can't, cannot, can not, won't, wo n't, not able to, unable to, not going to, not happening,
            isn't happening, don't want, not accept*, can't accept, not acceptable, unacceptable,
            not agree*, not in agreement, don't agree, disagree, not approved, not signing,
            not be signing, not paying, not having, not at that, not prepared, not possible, not feasible,
            no go, no-go, no way, no thanks, no thank you, is a no, a no from, say no, i'm afraid,
            we're afraid, regret, regretted, sorry but, unfortunately, decline, declined, pass on,
            we pass, i'll pass, going to pass, sit this one out, off the table, out of the question,
            forget it, forget that, forget what, scratch that, scrap that, scratch, never mind, nevermind,
            call off, called off, cancel, cancelled, withdraw, take back, too much, too early, too late,
            too expensive, too steep, more than we, not with, leave it, leave the, we'll leave,
            would rather not, rather not, not for us, not for me, not this time, not this year, not now,
            no longer, not manage, don't manage, shan't, shall not, we do not make, nah, nope,
            never agreed, didn't agree, not what we agreed, was not agreed, nobody agreed, stick with,
            stays where, hold off, over my dead, difficult for us
        """,
        "no": "^no, no$, nope, nah, ❌, 👎, not$",
        "done": """
            attached, enclosed, attachment, pfa, done, sent, delivered, uploaded, shipped, posted,
            emailed, mailed, fixed, updated, added, removed, replaced, redone, finished, completed, paid,
            transferred, released, signed, live, is up, are up, is in, are in, is out, it's out, it's in,
            is on, are on, in your inbox, in your mail, your inbox, your email, in the folder,
            in the drive, shared drive, in the doc, in the sheet, on staging, on the link, same link,
            here's, here is, here are, here you go, all yours, with you, gone, sorted, ready, up now,
            now live, below, in the channel, went out, went off, went in, has been, have been, is fixed,
            all done, as promised, please find, find attached, find enclosed, landed, dropped, stands in,
            sitting in, lies in
        """,
        "settled": """
            agreed, we agreed, decided, we decided, it is decided, settled, it is settled,
            we're going with, going with, we are going with, has decided, concluded, resolved, board has,
            committee has, chosen, we've chosen, picked, shook hands, shook on, stays, stay, goes, moves,
            moves to, comes down, goes up, is out, is in, instead, instead of, no longer, stays in,
            after all, drops, dropped, we drop, falls out, remains, is held, it's, then, so that's
        """,
        "recap": """
            recap, to recap, recapping, summary, summarise, summarize, to sum up, minutes, for the record,
            setting down, noting, notes from, to confirm, just to confirm, confirming, as discussed,
            as agreed, as settled, per our call, per our conversation, following our, further to our,
            so we have it in writing, in writing, to put it in writing, what we said, where we landed,
            we landed on, takeaways, points, write up, writing down, as spoken, from the call,
            picking up from, my understanding, as i understand, i understood, going by
        """,
        "verbal": """
            call, on the call, on call, our call, phone, by phone, telephone, over the phone, over phone,
            phoned, rang, spoke, speaking, spoken, conversation, talked, talk, chat earlier, meeting,
            in the meeting, voice note, voice message, voicemail, verbally, in person, face to face, zoom,
            teams, meet, huddle, standup, stand-up, said, told, tells, mentioned, you said, he says,
            she says, just now, at the gate, coffee, over coffee, over lunch, on site, site visit,
            in the studio, at the house, in the office, in the corridor, hallway, shook hands, discussed,
            hear your voice
        """,
        "change": """
            instead, instead of, rather than, extra, additional, in addition, on top, more, another, also,
            too, as well, change, moved, moves, move, shift, swap, postpone*, push, push back, delay*,
            later, earlier, comes down, goes up, goes from, not <num>, and not, plus, further, throw in,
            increase, reduce, discount, preponed, prepone, one more, no longer, drop, drops, scope,
            change order, could also, while you, out of the, up from, down from, down to, up to
        """,
        "courtesy": """
            thanks, thank you, thx, ta, cheers, regards, kind regards, best, sincerely, dear, hi, hello,
            hey, good morning, morning, welcome, have a good, have a nice, enjoy, look forward,
            looking forward, hope you, hope this, apologies, sorry, let me know if you have any,
            any questions, feel free, happy to help, bye, good luck, congrats
        """,
        "question_word": "when, what, who, where, why, how, how many, how much, how long, whose",
        "which": "which, or, either, whichever, option, version, who's winning, whos",
        "discourse": """
            i'll be honest, let's say, we'll see, i'll admit, i'd say, i think, i know, i see, i love,
            i guess, i remember, i bet, you know, i mean, see you, talk soon, speak soon, i wish,
            i believe, i hear, i feel, i swear, imagine, believe me
        """,
        "time": """
            today, tomorrow, tmrw, tonight, monday, tuesday, wednesday, thursday, friday, saturday,
            sunday, mon, tue, tues, wed, weds, thu, thurs, fri, sat, sun, morning, afternoon, evening,
            night, noon, week, weekend, month, quarter, day, days, hour, hours, mins, minutes, eod, cob,
            eow, eom, asap, january, february, march, april, june, july, august, september, october,
            november, december, by <num>, until <num>, at <num>, on the <num>, soon, shortly, lunch,
            lunchtime, fortnight
        """,
        "money": """
            £, $, €, eur, euro, euros, gbp, usd, quid, chf, inr, kr, rs, k, price, cost, fee, budget,
            free, %, percent, vat, per, each, rate, discount
        """,
        "praise": """
            love, lovely, great, amazing, beautiful, gorgeous, nice, brilliant, wonderful, slick, awesome,
            superb, fantastic, stunning
        """,
        "reported": "said, says, told, tells, asked, asks, reckons, wants, thinks, mentioned, promised",
        "you": "you, your, yours, u, ye, ur, you're, you'll, sir, ma'am",
        "we": "i, we, our, us, my, me, mine, ours, i'm, we're, i'll, we'll, i'd, we'd",
        "number": """
            <num>, one, two, three, four, five, six, seven, eight, nine, ten, first, second, third, both,
            all, neither
        """,
        "result_form": "<past>",
        "past": "<past>",
        "emoji": "<emoji>",
        "future_third": "will",
        "present_third": "is, are, has",
    },
)
