"""The headings of columns of people in more languages than column_aliases.py treats in full.

Only who a person is: address, names, language, time zone, status and when they joined. Headings about consent are
known by their stems in consent_headings.py, so that a person is asked wherever we do not know the word.
"""

LANGUAGES = {
    "da": "Danish",
    "nb": "Norwegian",
    "fi": "Finnish",
    "is": "Icelandic",
    "cs": "Czech",
    "sk": "Slovak",
    "hu": "Hungarian",
    "ro": "Romanian",
    "hr": "Croatian",
    "sl": "Slovenian",
    "tr": "Turkish",
    "ca": "Catalan",
    "et": "Estonian",
    "lv": "Latvian",
    "lt": "Lithuanian",
    "cy": "Welsh",
    "vi": "Vietnamese",
    "id": "Indonesian",
    "ru": "Russian",
    "uk": "Ukrainian",
    "bg": "Bulgarian",
    "el": "Greek",
    "ja": "Japanese",
    "zh": "Chinese",
    "ko": "Korean",
    "ar": "Arabic",
    "he": "Hebrew",
    "fa": "Persian",
}
# For each language: address; first name; last name; name; locale; zone; status; joined.
FIELDS = ("address", "first_name", "last_name", "name", "locale", "zone", "status", "joined")
HEADINGS = """
da| e-mailadresse, mailadresse| fornavn| efternavn| navn, fulde navn| sprog| tidszone| tilstand| tilmeldt den, oprettet
nb| e-postadresse, epostadresse| fornavn| etternavn| navn, fullt navn| språk| tidssone| tilstand| påmeldt, opprettet
fi| sähköposti, sähköpostiosoite| etunimi| sukunimi| nimi, koko nimi| kieli| aikavyöhyke| tila| liittynyt, tilattu
is| netfang, tölvupóstur| fornafn, skírnarnafn| eftirnafn| nafn| tungumál| tímabelti| staða| skráð
cs| e-mailová adresa, emailová adresa| jméno, křestní jméno| příjmení| celé jméno, jméno a příjmení| jazyk| časové pásmo| stav| datum registrace, přihlášen dne
sk| e-mailová adresa, emailová adresa| meno, krstné meno| priezvisko| celé meno, meno a priezvisko| jazyk| časové pásmo| stav| dátum registrácie
hu| e-mail cím, email cím, e-mailcím| keresztnév, utónév| vezetéknév, családnév| név, teljes név| nyelv| időzóna| állapot| regisztráció dátuma
ro| adresă de e-mail, adresă email, adresa de e-mail| prenume| nume de familie| nume, nume complet| limbă, limba| fus orar| stare| data înscrierii
hr| e-pošta, e-mail adresa, adresa e-pošte, el. pošta| ime| prezime| ime i prezime, puno ime| jezik| vremenska zona| stanje| datum prijave
sl| e-poštni naslov, e-naslov, elektronski naslov| ime| priimek| ime in priimek| jezik| časovni pas| stanje| datum prijave
tr| e-posta, e-posta adresi, eposta, mail adresi| ad, adı, isim| soyad, soyadı, soyisim| ad soyad, adı soyadı| dil| saat dilimi| durum| kayıt tarihi
ca| correu, correu electrònic, adreça electrònica| nom de pila| cognom, cognoms| nom i cognoms, nom complet| llengua| zona horària| estat| data d'alta
et| e-post, e-posti aadress| eesnimi| perekonnanimi, perenimi| nimi, täisnimi| keel| ajavöönd| olek| liitumise kuupäev
lv| e-pasts, e-pasta adrese| vārds| uzvārds| vārds uzvārds, pilns vārds| valoda| laika josla| statuss| reģistrācijas datums
lt| el. paštas, el. pašto adresas, elektroninis paštas| vardas| pavardė| vardas pavardė| kalba| laiko juosta| būsena| registracijos data
cy| e-bost, cyfeiriad e-bost| enw cyntaf| cyfenw| enw, enw llawn| iaith| parth amser| statws| ymunodd
vi| thư điện tử, địa chỉ email| tên| họ| họ và tên, họ tên, tên đầy đủ| ngôn ngữ| múi giờ| trạng thái| ngày đăng ký
id| alamat email, surel, alamat surel| nama depan| nama belakang| nama, nama lengkap| bahasa| zona waktu| keadaan| tanggal daftar
ru| эл. почта, электронная почта, почта, адрес электронной почты, e-mail адрес| имя| фамилия| фио, полное имя, имя и фамилия| язык| часовой пояс| статус, состояние| дата подписки, дата регистрации
uk| ел. пошта, електронна пошта, пошта, електронна адреса| ім'я, імя| прізвище| піб, повне ім'я| мова| часовий пояс| статус, стан| дата підписки
bg| ел. поща, имейл, електронна поща, имейл адрес| име, собствено име| фамилия, фамилно име| име и фамилия, пълно име| език| часова зона| статус| дата на регистрация
el| ηλεκτρονική διεύθυνση, ηλεκτρονικό ταχυδρομείο, διεύθυνση email, ημέιλ| όνομα, μικρό όνομα| επώνυμο, επίθετο| ονοματεπώνυμο, πλήρες όνομα| γλώσσα| ζώνη ώρας| κατάσταση| ημερομηνία εγγραφής
ja| メールアドレス, メール, eメール, 電子メール| 名| 姓, 苗字| 氏名, 名前, お名前| 言語| タイムゾーン| 状態, ステータス| 登録日, 登録日時
zh| 电子邮件, 电子邮箱, 邮箱, 邮箱地址, 邮件地址, 電子郵件, 電子信箱, 郵箱| 名| 姓, 姓氏| 姓名, 名字, 全名, 名称| 语言, 語言| 时区, 時區| 状态, 狀態| 订阅日期, 註冊日期, 注册时间
ko| 이메일, 이메일 주소, 전자 메일, 메일| 이름| 성| 성명, 전체 이름| 언어| 시간대| 상태| 가입일, 등록일
ar| البريد الإلكتروني, البريد الالكتروني, بريد إلكتروني, الإيميل| الاسم الأول, الاسم| اسم العائلة, الكنية, اللقب| الاسم الكامل| اللغة| المنطقة الزمنية| الحالة| تاريخ التسجيل
he| דואר אלקטרוני, אימייל, דוא"ל, מייל| שם פרטי| שם משפחה| שם, שם מלא| שפה| אזור זמן| סטטוס| תאריך הצטרפות
fa| ایمیل, پست الکترونیک, نشانی ایمیل| نام| نام خانوادگی| نام کامل, نام و نام خانوادگی| زبان| منطقه زمانی| وضعیت| تاریخ عضویت
"""  # noqa: E501 - one line a language

# First names beside a last name, and whole names where a file has no other column of names.
_ALONE_WHOLE = "jméno meno ime име ad adı isim имя ім'я імя όνομα tên vārds vardas 이름 الاسم نام nimi"
ALONE_WHOLE = frozenset(_ALONE_WHOLE.split(" "))


def words_by_field() -> list[tuple[str, str, list[str]]]:
    """Each language with each field and the headings that mean it there."""
    return [
        (language, field, [word.strip() for word in words.split(",")])
        for language, *of_fields in (line.split("|") for line in HEADINGS.strip().splitlines())
        for field, words in zip(FIELDS, of_fields, strict=True)
    ]
