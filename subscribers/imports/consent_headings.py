"""Which headings and cells could say that somebody must not be mailed, and what a heading means if its words tell.

A column that could say so is either understood, heading and values, or a person decides what it is (column_doubts.py).
So the lists here are wide: one heading too many costs a question, one too few mails people who said no.
"""

import re
from functools import lru_cache

from subscribers.imports.column_aliases import plain_words, words_of

# Beginnings or parts of words, without accents, in the languages of column_aliases.py and some others.
_STEMS = words_of("""
accept active agree akkoord allow approv archiv autoris autoriz avmeld afmeld abgemeld abmeld abonn aboniert acept
accett aceit aktiv aktywn actief actif ativo attivo ausgetrag austritt autorizz avprenum avregistr banned beschwer
bestatig blacklist blocc block bloqu borrad borttag bounc cancel canspam casl churn clean complain confirm consens
consent contactable declin delet deliverab departed descadastr desabonn desinscri devolv disabled disiscri dsgvo
einwillig elimin enabled erased erlaub expir forget forgot gdpr geblokk gekundigt geloscht gesperrt
godkan godkjen inactiv inaktiv ingeschrev inscri invalid iscri klacht kundig lapsed lgpd mailable mailing marketing
newsletter nieuwsbrief nobulk noemail nomail nolonger notemail oppos optedin optedout optin optout opgezegd permis
permiso plaint preferen prenum quarantin queja rebond rebot rechaz refus reject remov resign resili revoc revok rgpd
rifiut rimbalz samtyck samtykke slett snooz spam sperr status statut stopped studs subscri suppress supprim suscri
terminat tilmeld toestemm uitgeschrev undeliver unreach unsub unzustell usuni valid verif verwijder verzicht vetoed
activat deactiv desactiv deaktiv ausgetret austret datenschutz privac uitschrij boletin boletim bulletin infobrief
lettreinfo lettredinfo nyhedsbrev nyhetsbrev rundbrief rundmail werbung widerruf
widerspr withdr wypis zablok zgod zugestimmt zustell zustimm
rezygn wycof odmow usunie sprzeciw verstorb gestorb deceased decede fallecid defunt falecid overled zmarl avlid avdød
suostum lupa kielto markkinoint uutiskirj peruut poistet estet tilaa souhlas suhlas odhlas odber zpravodaj zrusen
smazan vymazan leirat hozzajarul feliratk letilt torol hirlevel allapot dezabon abonat consimt acord refuz blocat
buletin odjav prijav privol suglas soglas pristan blok obrisan onay abone iptal engell reddet durum bulten kvkk silin
baixa butllet nousol tellim loobu uudiskir keel piekris atteik jaunum sutik atsisak naujienlai busen samþykk caniatad
tanysgrif cydsyn đongy đangky trangthai chapnhan tuchoi setuju langgan berhenti baimen tillad tillat reservert
hearfrom intouch informed informiert signmeup souhait recevoir ricever recibir receber aggiornament hoogteblijven
death sterbe todes deces muert fallec passedaway ableben exclu ausschl uitgeslot legalbasis lawful rechtsgrund
baselegal akzept verteiler mailingl infopost publicit publicid pubblicit werbe exsubscri austrag
communic comunica kommunik mitteil benachricht notif infomail enews neuigk aussend actualit frequen haufigk
contactmethod preferredcontact preferredmeans kontaktweg
disdett einddatum enddate exitdate leavingdate deliveryprob mailprob zustellprob molest vertrek verlaten
подпис отпис соглас статус блок удал активн рассыл отказ отказал разреш запрет отключ исключ недостав спам черныиспис
маркетинг підпис відпис згод розсил видал відмов дозв абон съглас пристан одјав сагласн
συγκαταθ εγγραφ διαγραφ απεγγρ κατασταση ενημερωτ συναιν αποδοχ ανεπιθυμ εξαιρ
购 購読 解除 停止 退会 同意 配信 メルマガ メールマガジン 希望 許可 受信 拒否 状態 ステータス
承諾 不達 エラー ブロック 削除 無効 有効 可否 要否 案内
订阅 退订 状态 訂閱 退訂 狀態 许可 接收 拒收 拒绝 拒絕 黑名单 黑名單
屏蔽 封鎖 退信 取消 停用 删除 刪除 营销 行銷 授权 授權
구독 수신 동의 거부 해지 차단 상태 반송 탈퇴 마케팅 뉴스레터 허용 삭제
موافق اشتراك مشترك الغاء حالة رفض محظور تسويق نشرة رضایت اشتراک لغو وضعیت مسدود
הסכמ דיוור הסר מנוי סטטוס חסום ביטול אישור שיווק פרסומ
सहमति सदस्यता ยกเลิก ยินยอม
""")
STEMS = frozenset(plain_words(stem).replace(" ", "") for stem in _STEMS)
# Whole words: within others they say nothing of the kind.
WORDS = words_of("""
state states left leave gone quit hold opt dnc dne dnm stop stopped muted mute paused receive receives receiving wants
unwanted object objected objection objects ended end died rip ndr returned skip ban exit send abo angebote offers
offres ofertas offerte promotions promos lopd ccpa pdpa popia pecr pipeda updates
digest alerts news zeitung
deceased dead trash void baja stato estado etat stan zustand
tillstand toestand situacao abuse junk error errors
tila tilstand stav stanje stare estat olek izin izni rıza riza iys ruht novice tolak nepata dod død
""")
STATES = words_of("state states stato estado etat stan zustand tillstand toestand situacao")
OTHER_CHANNELS = re.compile(
    r"\b(sms|text messages?|phone|telephone|telefon\w*|mobile|whats ?app|calls?|fax|push|postal|post|letters?|"
    r"direct mail|telegram|messenger|viber|brief\w*|courrier)\b"
)
EMAIL = re.compile(r"\be ?mails?\b|\bemail|\bcourriel|\bcorreo|\bnewsletter")
# What else has a status or is confirmed.
OTHER_THINGS = re.compile(
    r"\b(marital|civil|relationship|family|familien\w*|tax|order|payment|shipping|employment|job|visa|immigration|"
    r"housing|ticket|invoice|http|twitter|blood|stripe)\b|"
    r"\bmailing (address|street|city|zip|post ?code|postal code|country|state|province)\b"
)
NEGATIONS = re.compile(
    r"\b(not|no|dont|don t|never|without|kein\w*|nicht|pas|sans|non|sin|nao|sem|niet|geen|inte|ikke|nie|bez|ne|"
    r"nem|nincs|ei|nu|fara|brez|nije|не|нет|без|ні|δεν|χωρις)\b"
)
# Whatever it is that one must not do: “No” alone may be a number.
NEVER = re.compile(r"\b(do|does|must|may|should) not\b|\bdon ?t\b|\bnever\b|\bkeine?\b|\bnicht\b|\bne pas\b")
DETAILS = re.compile(
    r"\b(reason|campaign|source|method|id|ip|url|count|counts|score|rate|link|page|by|comment|note|type|why|grund)\b|"
    # A consent that ends, that somebody was only asked for, or that is about something else than emails.
    r"\b(until|till|expir\w*|valid|bis|jusqu\w*|hasta|fino|tot|end|ends|ended|requested|request|asked|sent|pending|"
    r"reminder|reminded|invit\w*|due|renew\w*|needed|required|missing|angefragt|angefordert|versendet|gesendet|"
    r"demande\w*|solicitad\w*|richiest\w*|gultig\w*|photos?|images?|pictures?|videos?|films?|fotos?|bild\w*|track\w*|"
    r"shar(e|ing)|third|part(y|ies)|parent\w*|medical|cookies?|profil\w*)\b"
)
IDENTIFIER = re.compile(r"\b(id|uuid|ip|ip address)\Z")
LEFT = re.compile(
    r"unsub|\bopt(ed)? ?out|abgemeld|abmelde|desabonn|desinscri|disiscri|uitgeschrev|afgemeld|avregistr|avprenum|"
    r"wypis|descadastr|\bbaja\b|ausgetrag|withdr[ae]w|revoked|widerruf|avmeld|afmeld|"
    r"odhlas|leirat|dezabon|odjav|отпис|відпис|απεγγρ"
)
BOUNCED = re.compile(r"bounce|undeliver|unzustell|rebot|rebond|\binvalid|studs|rimbalz")
BLOCKED = re.compile(
    r"black ?list|block ?list|suppress|\bdn[cem]\b|\bspam|complain|\bbanned|gesperrt|quarantin"
)
CONTACT = re.compile(
    r"\b(send\w*|versand|versenden|envoi\w*|envoy\w*|envia\w*|invi[oa]\w*|correos?|courriels?|poczt\w*|"
    r"e ?mail\w*|mail\w*|contact\w*|kontakt\w*|newsletter\w*|marketing|market|werbung|bulk)\b"
)
SUBSCRIBED = re.compile(
    r"\baccepts?\b|\baccepted\b|consen[ts]|permission|\bopt(ed)? ?in\b|\bsubscribed\b|\ballow(s|ed)?\b|\bagree[sd]?\b|"
    r"einwilligung|zustimmung|zugestimmt|toestemming|\bacepta|\baccetta|\baceita|\baccepte|samtyck|samtykke|\bzgod|"
    r"\bwants\b|\breceives?\b|\bcontactable\b|\bmailable\b|\bautoris|\bautoriz|"
    r"souhlas|suhlas|hozzajarul|suostum|consimt|\bprivol|\bсоглас|\bзгод|συγκαταθ|nousolek"
)
CONFIRMED = re.compile(
    r"\bconfirm(ed|ation|e|ado|ada|acion|acao|ato|azione)?\b|\bbestatig(t|ung)|\bbevestig(d|ing)\b|\bpotwierdz|"
    r"\bbekraftad|\bdouble opt in\b"
)
STATUS = re.compile(
    r"\b(subscription|subscriber|global|e ?mail|permission|contact|mailing|marketing|newsletter|list|member|user|"
    r"delivery|consent|current|account)\b.*\b(status|statut|state)\Z"
)
PLACES = re.compile(
    r"\b(city|town|zip|post ?code|postal|street|country|county|province|ort|plz|ville|ciudad|citta)\b"
)


# Below these a yes or no is about something else.
HARMLESS = re.compile(
    r"\b(volunt|vip\b|customer|client|kunde|kund|klant|donor|donat|spend|staff|student|teacher|parent|tax|account|paid|"
    r"gender|sex\b|geschlecht|sexe\b|sexo\b|sesso|middle|initial|accessib|"
    r"invoice|attend|check(ed)? ?in|speaker|sponsor|guest|diet|veget|vegan|allerg|car\b|licen[cs]e|insur|wheelchair|"
    r"married|child|kind(er)?\b|pets?\b|retired|alum|board|committee|trustee|admin|owner|employ|company|premium|"
    r"organi[sz]ation|total|count|number|num\b|orders?\b|visit|amount|quantity|anzahl|points?\b|rating|age\b|opens?\b|"
    r"clicks?\b|opened\b|clicked\b|sent\b|seats?\b|tickets?\b|score|html|login|password|"
    r"trial|gift|private|privat|member\b|mitglied\b|lid\b|membre\b|socio\b|socia\b|medlem\b|benevole|adherent|vrijwillig|"
    r"ehrenamt|vorstand|bestseller|profile|online|photo|foto|shirt|lunch|dinner|hotel|bus\b|first time|returning)"
)
LAST_LATIN = 0x24F  # of the Latin letters of Europe; Vietnamese ones are composed of them

# Names of files and sheets of people who must not be emailed: `global_unsubscribes.csv`, “Bounces”, “Abmeldungen”.
LEAVERS = re.compile(
    r"unsub|opt(ed)? ?outs?\b|bounc|suppress|\bcleaned|black ?list|block ?list|complain|\bspam|do ?not|\bdn[cem]\b|"
    r"\bremoved|\bleavers|\bdeleted|abmeld|abgemeldet|ausgetragen|austritt|sperrliste|desinscri|desabonn|disiscri|"
    r"\bbajas?\b|uitgeschreven|afmeld|wypis|avregistr|avmeld|leirat|odhlas|dezabon|отпис|відпис|"
    r"退订|退訂|配信停止|수신 ?거부"
)


def names_leavers(name: str) -> bool:
    """Whether the name of a file or a sheet says that its people must not be emailed."""
    return LEAVERS.search(heading_words(name)) is not None


@lru_cache(1_000)
def could_say_no(heading: str) -> bool:
    """Whether a column with this heading could be about consent, status, bounces, suppression or deletion."""
    words = heading_words(heading)
    if IDENTIFIER.search(words) and not any(saying.search(words) for saying in (LEFT, BOUNCED, BLOCKED)):
        return False
    if OTHER_THINGS.search(words) or is_of_another_channel(words):
        return False
    squeezed = words.replace(" ", "")
    if any(stem in squeezed for stem in STEMS) or not WORDS.isdisjoint(words.split()):
        return True
    return bool(NEVER.search(words) or (NEGATIONS.search(words) and CONTACT.search(words)))


@lru_cache(1_000)
def meaning_of(heading: str) -> str:
    """The field about consent that the words of a heading mean, or an empty string if they leave a doubt."""
    words = heading_words(heading)
    if is_of_another_channel(words) or OTHER_THINGS.search(words) or DETAILS.search(words):
        return ""
    is_negated = NEGATIONS.search(words) is not None
    if LEFT.search(words):
        found = "left"
    elif BOUNCED.search(words):
        found = "bounced" if "soft" not in words else ""
    elif BLOCKED.search(words):
        found = "blocked"
    elif STATUS.search(words):
        found = "status"
    elif is_negated and not SUBSCRIBED.search(words):
        return "blocked" if CONTACT.search(words) else ""
    else:
        found = "subscribed" if SUBSCRIBED.search(words) else ""
    return "" if is_negated else found


def is_about_confirmation(heading: str) -> bool:
    """Whether a heading says that people confirmed, so that a time below it is when they did."""
    words = heading_words(heading)
    if is_of_another_channel(words) or OTHER_THINGS.search(words) or DETAILS.search(words):
        return False
    return CONFIRMED.search(words) is not None and not NEGATIONS.search(words)


def is_about_contact(heading: str) -> bool:
    """Whether a heading speaks of writing to people: with yes and no below it, it may be about consent."""
    words = heading_words(heading)
    if IDENTIFIER.search(words):
        return False
    return bool(CONTACT.search(words)) and not is_of_another_channel(words)


def is_about_something_else(heading: str) -> bool:
    """Whether a yes or no below this heading is plainly not about emails."""
    words = heading_words(heading)
    return bool(HARMLESS.search(words) or OTHER_THINGS.search(words)) or is_of_another_channel(words)


def is_in_other_letters(heading: str) -> bool:
    """Whether a heading has letters that are not Latin: of such languages we know few words."""
    return any(sign.isalpha() and ord(sign) > LAST_LATIN for sign in heading)


def is_about_places(heading: str) -> bool:
    """Whether a heading is about where people live: a column “state” beside it is a place as well."""
    return PLACES.search(plain_words(heading)) is not None


def is_about_states(heading: str) -> bool:
    """Whether a heading is nothing but a word that means a place or a status."""
    return plain_words(heading) in STATES


def heading_words(heading: str) -> str:
    """The plain words of a heading, those that are written together as `optedOut` too."""
    return plain_words(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", heading))


def is_of_another_channel(words: str) -> bool:
    """Whether a heading is about text messages, telephone or letters, and not about email."""
    return OTHER_CHANNELS.search(words) is not None and not EMAIL.search(words)
