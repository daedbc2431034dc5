"""Words for times in the main languages that put spaces between words, by their role."""

# ruff: noqa: RUF001 - Cyrillic letters

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.model.normalization import normalize, remove_marks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["MONTHS", "ROLES", "WORDS_BEFORE", "fold_word"]

_MONTHS = """
    january february march april may june july august september october november december
    januar februar märz april mai juni juli august september oktober november dezember
    jänner februar märz april mai juni juli august september oktober november dezember
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre
    gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
    janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
    januari februari maart april mei juni juli augustus september oktober november december
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря
    январе феврале марте апреле мае июне июле августе сентябре октябре ноябре декабре
    जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर
    jan feb mar apr may jun jul aug sep oct nov dec
    jan feb mar apr may jun jul aug sept oct nov dec
"""
_MONTHS_PER_YEAR = 12

# A word has the first role that names it. Those of `ambiguous` are times or not by the words before
# them, as in `last spring` and `spring onions`.
_WORDS = {
    "date": """
        yesterday today tonight tomorrow weekend weekends weekday weekdays ago monday tuesday
        wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays
        saturdays sundays summer winter autumn summers winters springtime christmas xmas easter
        thanksgiving halloween hanukkah passover pentecost ramadan eid diwali holi ashura nowruz
        purim kwanzaa epiphany midsummer holiday holidays vacation january february april june july
        august september october november december gestern heute morgen vorgestern übermorgen
        wochenende montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag sommer
        frühling frühjahr herbst weihnachten heiligabend ostern pfingsten silvester neujahr ferien
        sommerferien feiertag feiertagen ayer anteayer hoy mañana lunes martes miércoles jueves
        viernes sábado domingo verano invierno primavera otoño navidad navidades nochebuena
        nochevieja pascua vacaciones hier demain aujourd lundi mardi mercredi jeudi vendredi samedi
        dimanche hiver printemps automne noël pâques toussaint vacances ieri oggi domani lunedì
        martedì mercoledì giovedì venerdì sabato domenica inverno autunno natale pasqua capodanno
        ferragosto vacanze ontem hoje amanhã feira verão outono natal páscoa férias carnaval
        gisteren vandaag maandag dinsdag woensdag donderdag vrijdag zaterdag zondag zomer lente
        herfst kerst kerstmis pasen pinksteren vakantie вчера сегодня завтра понедельник вторник
        среду четверг пятницу субботу воскресенье летом зимой весной осенью рождество рождества
        пасху пасхи каникулы каникулах отпуске назад أمس اليوم غدا الاثنين الثلاثاء الأربعاء الخميس
        الجمعة السبت الأحد رمضان العيد الصيف الشتاء
    """,
    "clock": """
        noon midnight midday dawn dusk sunrise sunset daybreak nightfall lunchtime bedtime morning
        mornings evening evenings afternoon afternoons mittag mittags mitternacht abend abends
        vormittag vormittags nachmittag nachmittags nachts morgens sonnenaufgang sonnenuntergang
        mediodía medianoche madrugada anochecer amanecer midi minuit matin soir aube mezzogiorno
        mezzanotte mattina sera pomeriggio alba tramonto meio-dia meia-noite manhã middag
        middernacht ochtend avond ochtends avonds полдень полночь утром вечером ночью днём الظهر
        الفجر صباحا مساء
    """,
    "clock_unit": "clock uhr",
    "hour_unit": "heures heure horas hora ore ora uur часов часа час",
    "frequency": """
        daily weekly biweekly fortnightly monthly quarterly yearly annually hourly nightly twice
        täglich wöchentlich monatlich jährlich stündlich diario diariamente semanal semanalmente
        mensual mensualmente anualmente quotidien quotidiennement hebdomadaire mensuel
        mensuellement annuel quotidianamente settimanale settimanalmente mensile annuale dagelijks
        wekelijks maandelijks jaarlijks ежедневно еженедельно ежемесячно ежегодно
    """,
    "year": "twenties thirties forties fifties sixties seventies eighties nineties",
    "times": "times once mal veces vez fois volte volta vezes keer раза раз",
    "every": """
        every each per jeden jede jedes pro cada todos todas chaque ogni elke iedere каждый каждую
        каждое каждые по كل
    """,
    "near": """
        last next this past previous coming following since early late during mid letzte letzten
        letzter letztes letztem nächste nächsten nächster nächstes kommende kommenden vorige
        vorigen diese diesen dieser dieses este esta cette cet en questo questa vorig volgend
        volgende deze dit прошлый прошлой прошлую прошлом следующий следующей следующую этот эту
        этой
    """,
    "near_behind": """
        pasado pasada próximo próxima dernier dernière prochain prochaine scorso scorsa prossimo
        prossima passado passada
    """,
    "unit": """
        seconds minute minutes min mins hour hours hr hrs day days night nights week weeks
        fortnight month months quarter semester year years decade decades century sekunde sekunden
        minuten stunde stunden tag tage tagen nacht nächte woche wochen monat monate monaten jahr
        jahre jahren jahrzehnt jahrzehnte segundos minuto minutos día días noche noches semana
        semanas mes meses año años secondes jour jours nuit nuits semaine semaines mois an ans
        année années secondi minuti giorno giorni notte notti settimana settimane mese mesi anno
        anni dia dias noite noites mês ano anos seconden minuut uren dag dagen weken maand maanden
        jaar jaren секунд секунды минут минуты день дня дней ночь неделю недели недель неделе месяц
        месяца месяцев месяце год года лет году ساعة ساعات دقيقة دقائق يوم أيام أسبوع أسابيع شهر
        أشهر سنة سنوات
    """,
    "number": """
        a an one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty
        forty fifty sixty ninety hundred half several few many couple whole all entire for ein eine
        einen einem einer zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig
        halbe halben anderthalb eineinhalb mehrere einige paar ganze ganzen un una dos tres cuatro
        cinco seis siete ocho nueve diez once doce veinte treinta media medio varios varias unos
        unas toda todo une deux trois quatre cinq sept huit neuf dix onze douze vingt trente demi
        plusieurs quelques uno due tre quattro cinque sei sette otto nove dieci dodici venti trenta
        mezza mezzo tutta tutto um uma dois duas três sete oito nove dez doze vinte trinta meia
        vários várias een twee drie vijf zes zeven negen tien twaalf twintig dertig half halve hele
        paar один одну два две три четыре пять шесть семь восемь девять десять двадцать несколько
        полгода полчаса весь всю
    """,
    "ambiguous": """
        may march spring fall été estate mai mars mayo marzo mei birthday geburtstag cumpleaños
        anniversaire compleanno aniversário verjaardag
    """,
}


_BEFORE = {
    "hour": "at around by until till before after from um gegen bis ab a las alle as om в",
    "month": "in im en l of de nel di em every during by",
    "ordinal": "on by until till since",
    "ago": "vor hace ha",
    "rate": "a an per am pro im al la par в",
    "year": """
        in since from until till by of during before after around born seit ab bis im jahr desde en
        hasta ano de depuis dans dal nel em sinds в с год года
    """,
}


def fold_word(word: str) -> str:
    """Return a word in lower case without accents, also if they are missing in the text."""
    if word.isascii():
        return word.casefold()
    return normalize("NFC", remove_marks(normalize("NFKD", word.casefold())))


def _roles() -> Iterator[tuple[str, str]]:
    for role in reversed(_WORDS):
        for word in _WORDS[role].split():
            yield fold_word(word), role


ROLES: Mapping[str, str] = dict(_roles())
"""The role of each folded word."""

MONTHS: Mapping[str, int] = {
    spelling: number % _MONTHS_PER_YEAR + 1
    for number, name in enumerate(_MONTHS.split())
    for spelling in (name, fold_word(name))
}
"""The number of each month, by its names in lower case, also without accents."""

WORDS_BEFORE: Mapping[str, frozenset[str]] = {
    what: frozenset(words.split()) for what, words in _BEFORE.items()
}
"""The folded words before something that make it a time."""
