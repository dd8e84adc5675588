"""Recognises domains at which people have their private mailboxes: an address there is not that of a business.

The list has domains of free providers, internet providers and forwarding services. We keep it by hand, by country and
in the order of the alphabet, because no official list exists. It cannot be complete: providers come and go, and some
people have a domain of their own.
"""

import re

# Providers that have the same name under many endings, such as yahoo.co.uk, yahoo.fr and yahoo.com.br.
_FAMILIES = re.compile(
    r"(?:aol|gmx|googlemail|hotmail|live|mail2world|msn|outlook|rocketmail|windowslive|yahoo|yandex|ymail)"
    r"\.(?:com|net|info|[a-z]{2}|com?\.[a-z]{2})"
)
_BY_COUNTRY = {
    "everywhere": """
        aim.com bigfoot.com cock.li consultant.com cox.net disroot.org email.com europe.com excite.com
        fastmail.co.uk fastmail.com fastmail.de fastmail.fm fastmail.net gawab.com gmail.com hey.com
        hushmail.com hushmail.me icloud.com iname.com inbox.com inbox.lv juno.com keemail.me lavabit.com
        lycos.com mac.com mail.com mailbox.org mailfence.com me.com myself.com netscape.net outlook.com
        passport.com pm.me post.com posteo.net proton.me protonmail.ch protonmail.com riseup.net
        rocketmail.com runbox.com sent.com startmail.com thexyz.com tuta.com tuta.io tutamail.com
        tutanota.com tutanota.de usa.com usa.net zoho.com zoho.eu zohomail.com zohomail.eu
    """,
    "forwarding": """
        addy.io aleeas.com anonaddy.com anonaddy.me duck.com erine.email mozmail.com passfwd.com
        passinbox.com passmail.com passmail.net pobox.com privaterelay.appleid.com relay.firefox.com
        simplelogin.co simplelogin.com simplelogin.fr simplelogin.io slmail.me slmails.com
    """,
    "disposable": """
        10minutemail.com discard.email dispostable.com fakeinbox.com getnada.com grr.la guerrillamail.com
        guerrillamail.net guerrillamail.org mailcatch.com maildrop.cc mailinator.com mailnesia.com
        mintemail.com mohmal.com mytemp.email sharklasers.com spamgourmet.com temp-mail.org tempmail.com
        throwawaymail.com trashmail.com trashmail.de yopmail.com yopmail.fr
    """,
    "gb": """
        beeb.net blueyonder.co.uk breathe.com btclick.com btinternet.com btopenworld.com bulldoghome.com
        bushinternet.com cableinet.co.uk care4free.net cix.co.uk clara.co.uk clara.net cwcom.net cwgsy.net
        demon.co.uk doctors.org.uk dsl.pipex.com easynet.co.uk eclipse.co.uk ee.co.uk f2s.com fireflyuk.net
        force9.co.uk freenetname.co.uk freeola.com freeserve.co.uk freeuk.com freeuk.net fslife.co.uk
        fsmail.net fsnet.co.uk fsworld.co.uk genie.co.uk globalnet.co.uk gmail.co.uk gotadsl.co.uk
        greenbee.net guernsey.net homecall.co.uk ic24.net idnet.com jerseymail.co.uk johnlewisbroadband.com
        karoo.co.uk lineone.net lycos.co.uk macunlimited.net madasafish.com mail.co.uk manx.net me.uk
        metronet.co.uk mypostoffice.co.uk netcomuk.co.uk netscapeonline.co.uk nildram.co.uk ntlworld.com
        ntlworld.net o2.co.uk onetel.com onetel.net onetel.net.uk openworld.com orange.net orangehome.co.uk
        orangenet.co.uk pipex.com plus.com plus.net plusnet.com postmaster.co.uk screaming.net sky.com
        supanet.com talk21.com talktalk.co.uk talktalk.net tesco.net tinyonline.co.uk tinyworld.co.uk
        tiscali.co.uk totalise.co.uk toucansurf.com ukfsn.org ukgateway.net ukonline.co.uk utvinternet.co.uk
        utvinternet.com uwclub.net vfemail.net virgin.net virginmedia.co.uk virginmedia.com vispa.com
        vodafone.net vodafoneemail.co.uk waitrose.com wanadoo.co.uk which.net worldonline.co.uk zen.co.uk
        zetnet.co.uk zoo.co.uk zoom.co.uk
    """,
    "ie": """
        clubi.ie eircom.net esatclear.ie indigo.ie iol.ie iolfree.ie ireland.com oceanfree.net tinet.ie
        unison.ie upcmail.ie utvinternet.ie vodafone.ie
    """,
    "at": "a1.net aon.at chello.at drei.at inode.at kabsi.at liwest.at utanet.at",
    "be": "belgacom.net brutele.be numericable.be scarlet.be skynet.be telenet.be voo.be",
    "ch": "bluemail.ch bluewin.ch hispeed.ch quickline.ch sunrise.ch swissonline.ch",
    "de": """
        01019freenet.de addcom.de alice-dsl.net alice.de arcor.de compuserve.de directbox.com eclipso.de
        eclipso.eu email.de epost.de ewe.net ewetel.net firemail.de freenet.de gelsennet.de genion.de
        germanynet.de htp-tel.de kabelbw.de kabelmail.de kielnet.net lycos.de magenta.de mail.de mailbox.de
        mnet-mail.de mnet-online.de nefkom.net netcologne.de nexgo.de o2mail.de o2online.de ok.de online.de
        onlinehome.de osnanet.de planet-interkom.de posteo.de posteo.eu primacom.net smart-mail.de snafu.de
        surfeu.de t-online.de teleos-web.de tiscali.de unity-mail.de unitybox.de versanet.de vodafone.de
        vodafonemail.de web.de wtnet.de
    """,
    "dk": "jubii.dk mail.dk mail.tele.dk ofir.dk stofanet.dk tdcadsl.dk",
    "es": """
        eresmas.com euskalnet.net inicia.es jazzfree.com lycos.es menta.net mixmail.com ono.com orange.es
        ozu.es telecable.es telefonica.net terra.es tiscali.es vodafone.es wanadoo.es ya.com
    """,
    "fi": """
        elisanet.fi kolumbus.fi luukku.com netti.fi pp.inet.fi saunalahti.fi suomi24.fi welho.com
    """,
    "fr": """
        9online.fr aliceadsl.fr bbox.fr caramail.com caramail.fr cario.fr cegetel.net chello.fr
        club-internet.fr dartybox.com estvideo.fr free.fr freesbee.fr freesurf.fr ifrance.com infonie.fr
        laposte.net libertysurf.fr lycos.fr mageos.com mailo.com modulonet.fr netcourrier.com neuf.fr
        noos.fr nordnet.fr numericable.com numericable.fr orange.fr sfr.fr tele2.fr tiscali.fr voila.fr
        wanadoo.fr worldonline.fr
    """,
    "gr": "forthnet.gr hol.gr in.gr mailbox.gr otenet.gr pathfinder.gr",
    "it": """
        alice.it aliceposta.it blu.it caltanet.it email.it fastwebmail.it fastwebnet.it infinito.it
        interfree.it inwind.it iol.it jumpy.it katamail.com libero.it lycos.it supereva.it tele2.it
        teletu.it tim.it tin.it tiscali.it tiscalinet.it virgilio.it
    """,
    "lu": "internet.lu pt.lu",
    "nl": """
        12move.nl caiway.net caiway.nl casema.nl chello.nl cistron.nl concepts.nl dds.nl freeler.nl
        hccnet.nl hetnet.nl home.nl kabelfoon.nl kpnmail.nl kpnplanet.nl multiweb.nl online.nl
        onsbrabantnet.nl orange.nl planet.nl quicknet.nl scarlet.nl solcon.nl tele2.nl telfort.nl tiscali.nl
        upcmail.nl versatel.nl wanadoo.nl wxs.nl xmsnet.nl xs4all.nl zeelandnet.nl ziggo.nl zonnet.nl
    """,
    "no": "broadpark.no c2i.net getmail.no lyse.net online.no start.no",
    "pt": "clix.pt iol.pt mail.telepac.pt netcabo.pt sapo.pt",
    "se": """
        bredband.net bredband2.com comhem.se glocalnet.net passagen.se spray.se swipnet.se tele2.se
        telia.com
    """,
    "east of Europe": """
        abv.bg aster.pl atlas.cz autograf.pl azet.sk bigmir.net bk.ru buziaczek.pl centrum.cz centrum.sk
        chello.pl citromail.hu email.cz freemail.hu gazeta.pl go2.pl i.ua inbox.ru indamail.hu interia.eu
        interia.pl konto.pl list.ru mail.bg mail.ee mail.ru mail.ua meta.ua neostrada.pl o2.pl one.lv
        onet.eu onet.pl op.pl orange.pl pochta.ru poczta.fm poczta.onet.pl post.cz post.sk rambler.ru
        seznam.cz siol.net spoko.pl t-com.hr t-online.hu tlen.pl ukr.net upcpoczta.pl vip.hr volny.cz vp.pl
        wp.pl xnet.hr ya.ru zoznam.sk
    """,
    "North America": """
        aliant.net ameritech.net att.net bell.net bellsouth.net cableone.net centurylink.net centurytel.net
        charter.net cogeco.ca comcast.net compuserve.com cs.com earthlink.net eastlink.ca embarqmail.com
        frontier.com frontiernet.net hughes.net mchsi.com mindspring.com nc.rr.com netzero.com netzero.net
        optimum.net optonline.net pacbell.net peoplepc.com prodigy.net q.com roadrunner.com rogers.com
        rr.com sasktel.net sbcglobal.net shaw.ca snet.net spectrum.net suddenlink.net swbell.net
        sympatico.ca tampabay.rr.com tds.net telus.net twc.com verizon.net videotron.ca wavecable.com
        windstream.net wowway.com xplornet.com
    """,
    "South America": """
        arnet.com.ar bol.com.br fibertel.com.ar globo.com globomail.com ig.com.br oi.com.br prodigy.net.mx
        r7.com speedy.com.ar superig.com.br terra.com.ar terra.com.br uol.com.br vtr.net zipmail.com.br
    """,
    "Asia": """
        126.com 139.com 163.com 163.net 188.com 189.cn aliyun.com biglobe.ne.jp daum.net docomo.ne.jp
        ezweb.ne.jp foxmail.com gmail.co.in hanmail.net hinet.net i.softbank.jp indiatimes.com kakao.com
        mail.goo.ne.jp nate.com naver.com netvigator.com nifty.com ocn.ne.jp pchome.com.tw qq.com rediff.com
        rediffmail.com sancharnet.in seed.net.tw sify.com sina.cn sina.com singnet.com.sg so-net.ne.jp
        softbank.ne.jp sohu.com starhub.net.sg tom.com vip.163.com vip.qq.com vip.sina.com vsnl.com vsnl.net
        wo.cn yeah.net
    """,
    "Near East and Africa": """
        012.net.il bezeqint.net emirates.net.ae iafrica.com maktoob.com menara.ma mweb.co.za mynet.com
        netvision.net.il telkomsa.net ttmail.com vodamail.co.za walla.co.il walla.com webmail.co.za
        zahav.net.il
    """,
    "Australia and New Zealand": """
        aapt.net.au adam.com.au bigpond.com bigpond.com.au bigpond.net.au clear.net.nz dodo.com.au
        iinet.net.au internode.on.net iprimus.com.au netspace.net.au optusnet.com.au orcon.net.nz
        paradise.net.nz slingshot.co.nz tpg.com.au westnet.com.au xtra.co.nz
    """,
}
PRIVATE_DOMAINS = frozenset(domain for domains in _BY_COUNTRY.values() for domain in domains.split())


def is_private_mailbox(domain: str) -> bool:
    """Return whether a domain, or one above it, is that of a provider of private mailboxes."""
    labels = domain.casefold().strip(".").split(".")
    return any(
        (above := ".".join(labels[at:])) in PRIVATE_DOMAINS or _FAMILIES.fullmatch(above) is not None
        for at in range(len(labels) - 1)
    )
