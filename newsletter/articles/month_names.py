"""The names of the months as European languages write them in dates, without accents and in lower case."""

_NAMES = """
    january jan januar janvier janv enero ene gennaio gen januari janeiro stycznia styczen sty tammikuu
    tammikuuta ledna leden januara ianuarie ian ocak oca ιανουαριου ιαν января январь янв січня січень
    ianuar
    |
    february feb februar fevrier fevr fev febrero febbraio februari fevereiro lutego luty lut helmikuu
    helmikuuta unora unor februara februarie subat sub φεβρουαριου φεβ февраля февраль фев лютого лютии februar
    |
    march mar marz maerz mars marzo maart mrt marco marca marzec maaliskuu maaliskuuta brezna brezen marec
    martie mart μαρτιου μαρ марта март мар березня березень marcius
    |
    april apr avril avr abril abr aprile kwietnia kwiecien kwi huhtikuu huhtikuuta dubna duben aprila aprilie
    nisan nis απριλιου απρ апреля апрель апр квітня квітень aprilis
    |
    may mai mayo maggio mag mei maio maj maja toukokuu toukokuuta kvetna kveten kvet mayis μαιου μαι мая маи
    травня травень majus
    |
    june jun juni juin junio giugno giu junho czerwca czerwiec cze kesakuu kesakuuta cervna cerven juna iunie
    iun haziran haz ιουνιου ιουν июня июнь июн червня червень junius
    |
    july jul juli juillet juil julio luglio lug julho lipca lipiec lip heinakuu heinakuuta cervence cervenec
    jula iulie iul temmuz tem ιουλιου ιουλ июля июль июл липня липень julius
    |
    august aug aout agosto ago augustus sierpnia sierpien sie elokuu elokuuta srpna srpen augusta agustos agu
    αυγουστου αυγ августа август авг серпня серпень augusztus augusti
    |
    september sep sept septembre septiembre set settembre setembro wrzesnia wrzesien wrz syyskuu syyskuuta zari
    septembra septembrie eylul eyl σεπτεμβριου σεπ сентября сентябрь сен вересня вересень szeptember szept
    setiembre
    |
    october oct oktober okt octobre octubre ottobre ott outubro out pazdziernika pazdziernik paz lokakuu
    lokakuuta rijna rijen oktobra octombrie ekim eki οκτωβριου οκτ октября октябрь окт жовтня жовтень
    |
    november nov novembre noviembre novembro listopada listopad lis marraskuu marraskuuta listopadu novembra
    noiembrie kasim kas νοεμβριου νοε ноября ноябрь ноя листопада листопад
    |
    december dec dezember dez decembre diciembre dic dicembre dezembro grudnia grudzien gru joulukuu joulukuuta
    prosince prosinec decembra decembrie aralik ara δεκεμβριου δεκ декабря декабрь дек грудня грудень des
    desember
"""
MONTHS = {name: number for number, names in enumerate(_NAMES.split("|"), start=1) for name in names.split()}
