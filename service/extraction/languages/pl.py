"""Polish, as data: words and forms by cue. The meaning of each cue is in `language.CUES`."""

from service.extraction.language import Language, words
from service.extraction.morphology.polish import analyse

LANGUAGE = Language(
    code="pl",
    name="Polski",
    letters="ąćęłńśźż",
    stop_words=words(
        """
        ale by co czy dla do dobry dzień dzis dziś i jak jest jutro juz już mam mi moze może na nie od pan
        pani po prosze proszę sie się są tak tez też to tylko w z za ze że
        """
    ),
    abbreviations=words(
        """
        art br cze czw dr godz gru inż itd itp kwi lip lis lut m.in maj mar mgr mln nd niedz np nr ok p
        paź pkt pn pon pt r sie sob sr str sty szt tel tj tyg tys tzn ub ul ust w wg wrz wt ww zł śr
        """
    ),
    conjunctions=words("a ale i jednak lecz natomiast oraz więc"),
    analyse=analyse,
    cues={
        "negation": "nie, bez, brak, nikt, nic, nigdy, żaden, ani",
        "condition": """
            jeśli, jeżeli, jesli, pod warunkiem, o ile, byle, byleby, gdy, z zastrzeżeniem, jak <3fut>,
            jak _ <3fut>, jak tylko, kiedy <3fut>, tylko jeśli, tylko gdy, po akceptacji, ale tylko,
            w razie, gdyby, z wyjątkiem, oprócz, prócz, poza
        """,
        "hypothetical": "zwykle, zazwyczaj, zawsze, przeważnie, gdyby, kiedyś, czasem, z reguły",
        "tentative": """
            postaram*, spróbuję, sprobuje, spróbujemy, postaramy, może, chyba, raczej, powinno, powinn*,
            mam nadzieję
        """,
        "undertake": """
            <1fut>, będę <inf>, będziemy <inf>, będę <past>, będziemy <past>, będę _ <past>, obiecuję,
            gwarantujemy, gwarantuję, zobowiązuj*, biorę na siebie, bierzemy na siebie
        """,
        "undertake_now": "<1pres>, po naszej stronie, po mojej stronie",
        "will_be": """
            będzie u|na|w|gotow*, będą u|na|w|gotow*, będzie _ u pana|pani|was|państwa,
            <3fut> do pana|pani|was|państwa, wyjdzie ode, trafi do, macie, masz, dostanie*, otrzyma*,
            stanie u, zobaczy*
        """,
        "will_do": """
            zrobi się, się robi, sie robi, zrobi sie, ogarnę, ogarniemy, nie ma sprawy, nie ma problemu,
            z przyjemnością, chętnie, zajmę się, zajmiemy się, biorę to, biorę się, dopilnuję, jasne,
            zrobię, zrobimy, nie omieszkam, nie zapomnę, już robię, lecę, da się zrobić, załatwię,
            już się za to
        """,
        "ask": """
            proszę o, proszę <inf>, proszę _ <inf>, prosimy o, prosimy <inf>, prosimy _ o, poproszę,
            poprosimy, prosił*bym, prosił* by, prosilibyśmy, prośba, prośbą, będę wdzięczn*,
            będziemy wdzięczn*, byłbym wdzięczn*, byłabym wdzięczn*, bylibyśmy, byłbym zobowiązan*,
            uprzejmie, czy mógłby, czy mogłaby, czy mogliby, czy moglibyście, mógłbyś, mogłabyś,
            moglibyście, zechciał*, niech, przydał*by, przydałby, przydałoby, chciał*bym, chcielibyśmy,
            chciałabym, chciałbym, wolałbym, wolałabym, <cond> pan|pani|państwo, <2> mi|nam,
            pan|pani <3fut>, pan|pani _ <3fut>, <3fut> pan|pani|państwo|mi|nam, oczekujemy, oczekuję,
            czekam na, czekamy na, liczę na, by pan, by pani
        """,
        "imperative": "<imp>",
        "need": """
            potrzebuj*, potrzebn*, trzeba, brakuje, brak nam, potrzeba, musi być, musimy mieć, niezbędn*,
            wymagan*, konieczn*, na wczoraj
        """,
        "can_you": """
            czy może pan, czy może pani, może pan, może pani, możesz, możecie, czy mogą państwo,
            mogą państwo, dasz radę, dacie radę, da pan radę, da pani radę, da się, dałoby się,
            czy możemy prosić, mogę prosić, można prosić, czy da radę, zdążycie, zdążysz, <cond>
        """,
        "second": "<2>",
        "infinitive": "<inf>",
        "explicit": """
            zatwierdzam, zatwierdzamy, zatwierdzone, zatwierdzony, zatwierdzona, akceptuję, akceptujemy,
            zaakceptowan*, potwierdzam, potwierdzamy, zgadzam się, zgadzamy się, zgoda, wyrażam zgodę,
            wyrażamy zgodę, przyjmujemy, przyjmuję, umowa stoi
        """,
        "propose": """
            proponuj*, proponował*, propozycj*, sugeruj*, mogę <inf>, możemy <inf>, mogę _ <inf>,
            możemy _ <inf>, może <1fut>, może _ <1fut>, a może, to może, dajmy, umówmy, zróbmy, przesuńmy,
            skróćmy, oferuj*, oferta, ofertę, oferty, składam ofert*, wychodzi, koszt*, wycen*, zł netto,
            netto, brak uwag, w cenie, dopłat*, zamiast, gdyby, a gdyby, co wy na to, co ty na to,
            co pan na to, co pani na to, mógłbym, mógłabym, moglibyśmy, za sztukę, od sztuki, chcecie,
            chce pan, chce pani, <inf>$, zejść do, <1fut> za
        """,
        "seek_yes": """
            pasuje, pasi, może być, moze byc, gra, zgoda, zgadza*, zgodzi*, zgodzą, ok, okej, akceptuj*,
            akceptacj*, akceptujecie, zatwierdz*, zatwierdzenie, zatwierdzić, potwierdz*, odpowiada,
            odpowiadał*, bierzemy, biorę, bierzecie, bierze pan, bierze pani, wchodzicie, wchodzisz,
            wchodzi, wchodzi pan, robimy, robimy tak, drukujemy, puszczamy, puszczam, klepiemy, klikamy,
            lecimy, lecimy z, zamawiam, zamawiać, rezerwować, rezerwuję, dorzucać, dorzucam, dokładam,
            dokładać, założyć, mogę <inf>, możemy <inf>, decyzj*, decyzję, zielone światło, zielone,
            zielonego, tak albo nie, tak czy nie, która, który, którą, którego, nada się, siada, jest ok,
            co wy na to, co ty na to, deal, umowa stoi, przyjęcia, do przyjęcia, jako odbiór, za zgodę,
            oznacza akceptację, potraktujemy, odbiór, o odbiór, zgodę, czy może, dobrze, przystaną,
            przystan*, liczyć na, do druku, w druk, da się pan przekonać, może iść, może tak
        """,
        "accept": """
            zatwierdz*, zatwierdzone, zaakceptowan*, akceptuj*, akceptacja, zgadza się, zgadza sie,
            zgadzam się, zgadzamy się, zgoda, zgodę, zgodzę się, pasuje, pasują, pasi, odpowiada,
            odpowiadają, może być, moze byc, moga byc, niech będzie, niech bedzie, niech, bierzemy, biorę,
            bierem, bierz, bierzcie, wchodzę, wchodzimy, kupuj*, przyjmuj*, potwierdzam, potwierdzamy,
            potwierdz*, nie mam uwag, bez uwag, nie wnoszę, nie mam nic przeciw*, nie widzę, nie oponuję,
            sprzeciwu nie, zastrzeżeń nie, uwag nie, brak uwag, bez zarzutu, bez zastrzeżeń,
            nie mam zastrzeżeń, jak najbardziej, dokładnie, dokładnie tak, tak było, tak jest, tak ma być,
            otóż to, słowo w słowo, co do, stoi, umowa stoi, jesteśmy umówieni, umówieni, gra, git, super,
            świetnie, drukujcie, drukujemy, drukuj, puszczaj*, puszczajcie, puszczamy, lecimy, lecimy z,
            leci, rezerwuj*, klikaj, dawaj, dawajcie, działaj*, proszę działać, proszę rysować,
            proszę <inf>, kodujcie, klejcie, tnij, rób, róbcie, róbmy, zróbmy, jestem na tak, jestem za,
            za, głosuję, podpisuję się, wybieram, wybieramy, przystaj*, przejdzie, przechodzi, siada,
            zielone, zatwierdzam, odbieram, odbiór, możecie <inf>, możesz <inf>, może pan <inf>,
            może pani <inf>, może <inf>, można <inf>, daję, wyraża zgodę, wyrażam zgodę, dobra, dobrze,
            okej, chętnie, oczywiście, pewnie, lgtm, approve, w porządku, mi odpowiada, mnie pasuje,
            dla mnie może, dla mnie ok, poproszę, w takim razie, przeżyję, wpisujemy, trzymamy się
        """,
        "no_objection": """
            nie mam uwag, bez uwag, brak uwag, nie wnoszę, nie mam nic przeciw*,
            nie widzę przeszkód|przeciwwskazań|problemu, nie oponuję, sprzeciwu nie, zastrzeżeń nie,
            uwag nie, bez zarzutu, bez zastrzeżeń, nie mam zastrzeżeń, nie budzi zastrzeżeń,
            nie budzi _ zastrzeżeń, zastrzeżeń _ nie wnoszę, nie zgłaszam
        """,
        "ask_yes": """
            prosz*|prosimy|poproszę o akceptację|akceptacje|zatwierdzenie|potwierdzenie|zgodę|odbiór|decyzję,
            prosz*|prosimy|prośb* _ o _ akceptację|zatwierdzenie|potwierdzenie|zgodę|decyzję,
            prośbą o zatwierdzenie|akceptację, proszę zatwierdzić|zaakceptować|potwierdzić, zatwierdźcie,
            zaakceptujcie, potwierdźcie, potwierdź, czekam na akceptację|zgodę|potwierdzenie,
            do akceptacji, do zatwierdzenia
        """,
        "decide_later": """
            zatwierdzę, zatwierdzimy, zaakceptuję, zaakceptujemy, potwierdzę, potwierdzimy, podpiszę,
            podpiszemy, zdecyduję, zdecydujemy, zastanowię, przemyślę, przemyślimy, odbiorę
        """,
        "pending": "jeszcze nie, na razie nie, póki co nie, w trakcie akceptacji",
        "yes": """
            ^tak, tak$, ^jasne, jasne$, ok, okej, oki, spoko, pewnie, dobra, dobrze, zgoda,
            no tak, no dobra, aha, mhm, +, +1, 👍, 👌, 🤝, ✅, 🔥, 💯, 🚀, 🙌, 🫡, super, git,
            rozumiem, przyjąłem, przyjęłam, oczywiście, sure, yes, yep
        """,
        "refuse": """
            nie zgadzam się, nie zgadzamy się, nie możemy, nie mogę, nie damy rady, nie dam rady,
            nie ma szans, nie ma mowy, nie wyrobi*, nie zdąż*, nie pasuje, nie przejdzie, nie przyjmuj*,
            nie do przyjęcia, nie akceptuj*, nie zatwierdz*, nie podpisz*, nie podejm*, nie udźwign*,
            nie zmieś*, nie tyka*, nie tkn*, nie zejdę, nie dowioz*, nie wezmę, nie biorę, nie bierzemy,
            nie chc*, nie potrzebuj*, nie wchodz*, nie będzie, nie da się, odpada, odpadają, odpuszczam*,
            rezygnuj*, rezygnacja, odmawia*, odrzuc*, cofam, cofamy, wycof*, odwołuj*, odwołan*, anuluj*,
            stop, za drogo, za dużo, za późno, za wcześnie, po moim trupie, broń boże, łapy precz,
            podziękuję, nie dziękuję, dziękuję nie, innym razem, szkoda, jednak nie, nie startujemy,
            nie łykn*, nie otrzyma, wolałbym, wolałabym, wolelibyśmy, pozostać przy, niestety,
            nie obroni*, nie ogarn*, nie puszcz*, nie było, nikt nie, nie mówił*, nie obiecywał*, przeciw,
            bez sensu, odłóżmy, odłożyć, nie <1fut>, nie tym razem, nie stać
        """,
        "no": "^nie, nie$, ❌, 👎, e nie, no nie, nope, no",
        "done": """
            gotowe, gotowy, gotowa, zrobione, zrobił*, zrobiłem, zrobiłam, wysłane, wysłał*, wysłałem,
            wysłałam, wysłany, wysłana, wrzucone, wrzucił*, wrzuciłem, w załączeniu, w załączniku,
            w załącznikach, załączam, załączamy, załącznik*, przesyłam, przesyłamy, podsyłam, dosyłam,
            dołączam, dołączył*, przekazuję, nadał*, nadałam, poszło, poszła, poszedł, poszły, wgrane,
            wgrał*, wrzuciłam, podmienion*, poprawion*, poprawił*, zmienion*, zmienił*, usunięt*, usunął*,
            dodan*, dodał*, wymienion*, wymienił*, opłacon*, opłacił*, zapłacon*, zapłacił*,
            przelew poszedł, skończon*, skończył*, zakończył*, domknięt*, złożon*, zamówion*, ukończon*,
            leży, leżą, wisi, wiszą, stoi, czeka, czekają, jest na, są na, jest w, są w, siedzi, siedzą,
            pod linkiem, link, na stagingu, na prodzie, na dysku, w folderze, w chmurze, u pana, u pani,
            u was, proszę bardzo, łap, łapcie, oto, już, naprawion*, zaktualizowan*, sprawdzon*,
            sprawdziłem
        """,
        "settled": """
            ustaliliśmy, ustalone, ustalono, ustaliłem, uzgodniliśmy, uzgodniono, uzgodniłem,
            umówiliśmy się, umówiliśmy, zdecydowaliśmy, zdecydowałem, zdecydowano, postanowi*, stanęło na,
            stanęło, padło na, dogadaliśmy, dogadane, wybraliśmy, klamka zapadła, przychylił*, przystał*,
            zgodziliśmy się, zostaje, zostają, odpuszczamy, wypada, wypadają, wylatuje, zamiast,
            bez zmian, zostawiamy, wykreślamy, rośnie, spada, wchodzi, rezygnujemy, robimy, klepnięte
        """,
        "recap": """
            spisuję, podsumowuj*, podsumowanie, reasumując, potwierdzam ustalenia, ustalenia, notatka,
            notuję, zanotował*, zapisał*, zapisuję, dla porządku, w skrócie, krótko, podsumuję, streszcz*,
            powtórzę, protokół, z rozmowy, z naszej rozmowy, z telefonu, po rozmowie, po callu,
            po spotkaniu, zgodnie z rozmową, rekapituluj*, wyszło z, czyli, co wyszło, żeby nie zginęło,
            utrwal*
        """,
        "verbal": """
            telefonicznie, przez telefon, telefon*, przez tel, na callu, callu, na spotkaniu, spotkani*,
            rozmow*, rozmawialiśmy, rozmawiał*, na miejscu, w słuchawce, przy kawie, ustnie, osobiście,
            mówił*, mówi, powiedział*, powiedziała, obiecał*, dzwonił*, zadzwonił*, teams*, na teamsach,
            zoom*, wideokonferencj*, głosów*, głosowej, na korytarzu, na oględzinach, na budowie, na żywo,
            stanęło, padło, na daily, łączach, meet*, z ust
        """,
        "change": """
            zamiast, a nie, dodatkow*, dopłat*, jeszcze, przesun*, przesuń*, przełoż*, przenies*, zmian*,
            zmien*, więcej, dorzuc*, dołoż*, ekstra, extra, ponad, rabat*, zniżk*, drożej, podnosimy,
            obniż*, wypada, wypadają, wylatuje, odpuszczamy, przy okazji, dodać, dodajemy, inny, inna,
            skróc*, wykreślamy, później, wcześniej, opóźni*
        """,
        "courtesy": """
            dziękuję, dzięki, dziękujemy, pozdrawiam, dzień dobry, cześć, hej, witam, miłego,
            do usłyszenia, do zobaczenia, przepraszam, w razie pytań, pozdrowienia, z poważaniem,
            z wyrazami, szanowni, szanowny, szanowna, drodzy, do dyspozycji, smacznego, powodzenia
        """,
        "question_word": """
            kiedy, co, kto, gdzie, dlaczego, czemu, jak, ile, jaki, jaka, jakie, skąd, po co, czyj
        """,
        "which": "który, która, którą, które, którego, czy, albo, lub, wariant*, wersj*",
        "discourse": """
            zobaczymy, powiem, przyznam, wiem, myślę, widzę, rozumiem, pamiętam, znam, lubię, kocham,
            boję, jadę, idę, siedzę, cieszę, mam nadzieję, przypominam, czytam, słyszę, wierzę, wolę
        """,
        "time": """
            dziś, dzis, dzisiaj, jutro, jutra, pojutrze, poniedziałe*, poniedział*, wtor*, środ*, srod*,
            czwart*, piąt*, piat*, sobot*, niedziel*, rano, wieczorem, południ*, godzin*, minut*, dni,
            dnia, tydzień, tygodni*, tyg, miesiąc*, miesiac*, kwartał*, roku, styczni*, lut*, marc*,
            kwietni*, maj*, czerwc*, lipc*, sierpni*, wrześni*, październik*, listopad*, grudni*,
            do <num>, na <num>, o <num>, zaraz, wkrótce, asap, po świętach
        """,
        "money": """
            zł, zl, zlotych, złotych, tys, netto, brutto, euro, eur, €, $, koszt*, cen*, stawk*, vat,
            budżet*, %, gratis, za darmo, kwot*, rabat*, procent*
        """,
        "praise": """
            super, świetn*, pięknie, piękn*, sztos, cudn*, cudo, ekstra, podoba, ładn*, śliczn*, bomba,
            mega, wow, rewelacj*
        """,
        "reported": "mówi, mówił*, powiedział*, twierdzi, pyta, prosił*, prosi, obiecał*, chce, uważa",
        "you": """
            pan, pani, pana, panu, państwo, państwa, państwu, panie, was, wam, wy, wasz*, ty, tobie, ci,
            twój, twoja, ciebie, panią
        """,
        "we": "ja, my, nam, nas, nasz*, mi, mnie, mój, moja, moje, u nas, ode mnie, ode, od nas",
        "number": """
            <num>, jeden, jedynk*, dwa, dwójk*, trzy, trójk*, cztery, pięć, pierwsz*, drug*, trzeci*, oba,
            obie
        """,
        "result_form": "<short>",
        "past": "<past>, <1past>",
        "emoji": "<emoji>",
        "future_third": "<3fut>",
        "present_third": "<3pres>",
    },
)
