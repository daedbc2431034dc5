"""Function words of some languages: almost every text contains them, so they tell little.

They are articles, pronouns, prepositions, conjunctions, auxiliary verbs and question words.
"""

# ruff: noqa: RUF001 - Russian and Turkish letters look like Latin ones

from __future__ import annotations

import re
from functools import cache

from .folding import fold

__all__ = ["LANGUAGES", "function_words", "without_function_phrases"]

_WORDS = {
    "en": """
        a about above after again against all also am an and any are as at be because been
        before being below between both but by can could did do does doing down during each few
        for from further had has have having he help her here hers him his how i if in into is
        it its itself just let me more most my no nor not of off on once only or other our out
        over own please same shall she should so some such tell than that the their them then
        there these they this those through to too under until up very was we were what when
        where which while who whom whose why will with would you your s t d ll m re ve
    """,
    "de": """
        aber alle als am an auch auf aus bei bin bis bist da damit dann das dass dein deine dem
        den denn der des dich die dir doch du durch ein eine einem einen einer eines er es euer
        für hab habe haben hast hat hatte ich ihm ihn ihr ihre im in ist ja kann kein keine man
        mein meine meinem meinen meiner mich mir mit muss nach nicht noch nur ob oder ohne schon
        sehr sein seine seinem seinen seiner sich sie sind so soll über um und uns unser unsere
        vom von vor wann war waren warum was welche welchem welchen welcher welches wem wen wenn
        wer werden wessen wie wieso will wir wird wo woher wohin worüber wurde wurden zu zum zur
    """,
    "es": """
        a al algo ante aquí con cual cuál cuáles cuando cuándo cuánto cuánta cuántas cuántos
        cómo como de del desde donde dónde adónde el él ella ellos en entre era eran es esa ese
        eso esta está están este esto fue fueron ha han hasta hay he la las le les lo los más me
        mi mis muy ni no nos nuestra nuestro o para pero por porque que qué quien quién quiénes
        se sea ser si sí sin sobre son soy su sus también te tengo tiene tienen tu tus un una
        unas uno unos ya yo y
    """,
    "fr": """
        à ai as au aussi aux avec avez ce cela ces cet cette c ça combien comme comment d dans
        de depuis des dont du elle elles en es est et être eu il ils j je l la le les leur leurs
        lui ma mais me mes moi mon m n ne nos notre nous on ont ou où par pas plus pour pourquoi
        qu quand que quel quelle quelles quels qui quoi s sa sans se ses si son sont sur t ta te
        tes toi ton tu un une va vers vos votre vous y était
    """,
    "it": """
        a ad ai al alla alle anche c che chi ci come con cosa cui d da dal dalla degli dei del
        della delle dello di dove e è ed era gli ha hai hanno ho i il in io l la le lei li lo
        loro lui ma mi mia mie miei mio ne nei nel nella noi non o per perché più qual quale
        quali quando quanta quanti quanto se sei si sia sono su sua sue sul sulla suo suoi tra
        tu tua tuo un una uno voi
    """,
    "pt": """
        a ao aos as às até com como da das de dela dele do dos e é ela elas ele eles em era essa
        esse esta está este eu foi foram há isso isto já lhe mais mas me meu meus minha minhas
        muito na nas não nem no nos o onde os ou para pela pelo por porque qual quais quando
        quanta quanto quantos que quem se sem ser seu seus são só sua suas também te tem têm teu
        tua um uma você
    """,
    "nl": """
        aan al als bij dan dat de deze die dit doe door een en er ge geen had heb hebben heeft
        het hij hoe hun ik in is je jij kan maar me met mijn moet na naar niet nog nu of om
        onder ons onze ook op over te tot uit van veel voor waar waarom wanneer waren was wat we
        welk welke wie wij wil worden wordt zal ze zich zij zijn zo
    """,
    "sv": """
        alla att av blev bli där de dem den det detta dig din dina ditt du efter eller en er ett
        för från ha hade han hans har hennes hon hur i inte jag kan man med mellan men mig min
        mina mitt mot när ni någon och om oss på sig sin sina sitt ska som så till upp ut vad
        var varför vart vem vems vi vid vilka vilken vilket är
    """,
    "pl": """
        ale bez by był była było były być co czy dla do gdy gdzie go i ich ile ja jak jaka jaki
        jakie jako je jego jej jest jestem już kiedy kim kto która które który ma mam mi mnie
        moja moje mój na nad nie o od oraz po pod przez przy są się skąd ta tak także tam te
        tego ten to tu tylko ty w we z za ze że
    """,
    "tr": """
        ama ancak bana ben beni benim bir biri biz bu bunu çok da daha de değil diye en gibi
        hangi hem her için ile ise kaç kadar ki kim kime kimin mi mı mu mü nasıl ne neden nerede
        nereye niçin o olan olarak onu onun sana sen senin siz şu var ve veya ya yok
    """,
    "ru": """
        а без более бы был была были было быть в вам вас во вот все всё вы где да для до его ее
        её если есть еще ещё же за и из или им их к как какая какие какой каком когда кого кому
        кто куда ли меня мне мой моя мои моё мы на над нас не него нет ни но ну о об он она они
        от откуда по под почему при с сколько со так также там тебя то того тоже только ты у уже
        чего чей чем что чтобы чья эта эти это этот я
    """,
    "hi": """
        अपना अपनी अपने आप इस इसके उन उनका उनकी उनके उस उसका उसकी उसके उसे एक और कब कहाँ का कि
        कितना कितनी कितने किस किसका किसकी किसके किसने किसे की के कैसे को कौन कौनसा क्या क्यों जब
        जो तक तुम था थी थे ने नहीं पर भी मुझे में मेरा मेरी मेरे मैं मैंने यह या ये वह वे से हम
        हमारा हमारे ही हुआ हुई हुए हूँ है हैं हो
    """,
    "ar": """
        في من على إلى عن مع أن إن هذا هذه ذلك التي الذي هو هي هم أنا نحن أنت كان كانت ما ماذا
        متى أين كيف لماذا هل كم أي لا لم لن قد و أو ثم كل بعد قبل لي له لها
    """,
}
LANGUAGES = tuple(_WORDS)
"""The languages whose function words are known, in ISO 639-1, beside those without spaces."""

# Question words and endings of questions in scripts without spaces, of which no memory is made up.
_PHRASES = """
    什么时候 什麼時候 什么 什麼 甚麼 为什么 為什麼 怎么样 怎麼樣 怎么 怎麼 怎样 怎樣 哪里 哪裡
    哪儿 哪些 哪个 哪個 哪位 多少 多久 几点 幾點 是谁 是誰 谁的 誰的 是不是 有没有 有沒有 请问
    請問 告诉我 告訴我 いつ どこ だれ 誰 何 なに なん どの どんな どれ どう どうして なぜ いくつ
    いくら ですか ますか ましたか でしょうか ください 教えて について อะไร ที่ไหน เมื่อไหร่
    เมื่อไร ใคร ทำไม อย่างไร ยังไง เท่าไหร่ เท่าไร กี่ ไหม ครับ ค่ะ คะ 무엇 언제 어디 누구
    어떻게 얼마 무슨 어느 입니까 습니까 인가요 나요 까요
"""


@cache
def function_words(language: str) -> frozenset[str]:
    """Return the function words of a language, as `words_in` gives them; none if unknown."""
    return frozenset(fold(_WORDS.get(language, "")).split())


def without_function_phrases(folded: str) -> str:
    """Return a folded text with spaces for the question words of scripts without spaces."""
    return folded if folded.isascii() else _phrases().sub(" ", folded)


@cache
def _phrases() -> re.Pattern[str]:
    phrases = sorted(map(fold, _PHRASES.split()), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, phrases)))
