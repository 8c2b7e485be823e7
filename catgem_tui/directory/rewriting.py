"""What else a word may mean: short names, abbreviations, words that say nothing, and the centre's synonyms."""

from collections.abc import Iterable, Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LITTLE_WORDS = _words(
    "a al ante con de del desde e el en la las le lo los me mi o para por que se si su un una y the of to in for and or"
)
"""Words that say nothing about what is sought, unless nothing else is typed."""
FILLING_WORDS = _words(
    "busco buscar buscando quiero necesito saber numero telefono tel donde esta queda quien es cual dame sobre"
    " licenciado licenciada lic ingeniero ingeniera ing doctor doctora dr dra maestro maestra mtro mtra"
    " senor senora sr sra profesor profesora profr arquitecto arq contador contadora cp"
    " tramite tramites requisitos horario informacion favor"
)
"""Said around what is sought. They still count a little: a unit may be called so."""

_SHORT = """
abraham: abra; adriana: adri; alberto: beto; alejandra: ale, jandra; alejandro: ale, alex; alfonso: poncho
alfredo: fredy; alicia: licha; ana: anita; antonia: tona; antonio: tono, tonio; araceli: cheli; arturo: turo
beatriz: bety, betty; carlos: charly, carlitos; carmen: carmelita, mela; catalina: cata; concepcion: concha, conchita
consuelo: chelo; cristina: cris, tina; daniel: dani; david: deivid; dolores: lola, lolita; eduardo: lalo
enrique: quique, kike; ernesto: neto; esperanza: pera; esteban: teban; fernanda: fer; fernando: fer, nando
francisca: paca, panchita; francisco: paco, pancho, cisco; gabriel: gabo, gabi; gabriela: gaby, gabi
gerardo: gera, yera; graciela: chela; gregorio: goyo; guadalupe: lupe, lupita; guillermo: memo; gustavo: tavo
hector: tito; hortensia: tencha; humberto: beto; ignacio: nacho; irene: nena; isabel: chabela, isa; ismael: mayel
jaime: jimmy; javier: javi; jesus: chuy, chucho; jorge: coque; jose: pepe, chepe, pepito; josefina: pepa, chepina
juan: juanito; juana: juanita; julieta: july; leonardo: leo; leticia: lety, letty; lorenzo: lencho; luis: lucho, guicho
manuel: manolo, meno; marcela: marce; margarita: mago, magos; maria: mari, mary, marie; mariana: marianita
mario: mayito; martha: martita; mauricio: mau; mercedes: meche; miguel: migue, mike; monica: moni; norma: normita
octavio: tavo; patricia: paty, patty; pedro: perico; pilar: pili; rafael: rafa; raquel: raque; ricardo: richi, riky
roberto: beto, rober; rocio: chio; rodrigo: rodri; rosario: chayo; salvador: chava; santiago: chago, santi
sergio: checo; silvia: chiva; socorro: coco; susana: susi; teodoro: teo; teresa: tere; tomas: tomy
vanessa: vane; veronica: vero; vicente: chente; victor: vico; virginia: vicky; yolanda: yola, yoli
"""
_ABBREVIATED = """
administracion: admon; avenida: av, ave; ayuntamiento: ayto; calle: c; carretera: carr; centro: ctro; colonia: col
comision: com; coordinacion: coord; delegacion: deleg; departamento: depto, dpto; direccion: dir, direc
division: div; educacion: educ; escuela: esc; estado: edo; federal: fed; fraccionamiento: fracc; general: gral
gobierno: gob, gobno; gonzalez: glez, gzz; guadalupe: gpe, gpe; gutierrez: gtz, gtez; hernandez: hdez, hdz
hospital: hosp; instituto: inst; jefatura: jef; jimenez: jmz, jimz; licencia: licen; lopez: lpz; maria: ma
martinez: mtz, mtez; mexico: mex; municipal: mpal; municipio: mpio; nacional: nal; numero: num, no; oficialia: ofic
oficina: of; perez: prz; presidencia: pres; procuraduria: proc; publica: pub, pca; ramirez: rmz, ramz; registro: reg
rodriguez: rdz, rguez; sanchez: schz, sncz; secretaria: sria, sec, secr; servicio: serv; sistema: sist
subdireccion: subdir; subsecretaria: subsria, subsec; tecnologico: tec; tesoreria: tes; tribunal: trib; unidad: ud
universidad: univ; vazquez: vzqz, vqz
"""


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """Short form to the words it may stand for."""
    table: dict[str, list[str]] = {}
    for entry in text.replace("\n", ";").split(";"):
        whole, _colon, short = entry.partition(":")
        for one in short.split(","):
            if one.strip() and whole.strip() not in table.setdefault(one.strip(), []):
                table[one.strip()].append(whole.strip())
    return {short: tuple(wholes) for short, wholes in table.items()}


SHORT_FORMS: Mapping[str, tuple[str, ...]] = {**_table(_SHORT), **_table(_ABBREVIATED)}


class Synonyms:
    """The centre's own table: terms of one to three words that mean the same, as ``placas`` and ``reemplacamiento``."""

    def __init__(self, groups: Iterable[Iterable[tuple[str, ...]]] = ()) -> None:
        """``groups`` are sets of terms, each a tuple of folded words."""
        self._others: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
        for group in groups:
            terms = [term for term in dict.fromkeys(group) if term]
            for term in terms:
                others = tuple(other for other in terms if other != term)
                self._others[term] = (*self._others.get(term, ()), *others)
        self.longest = max((len(term) for term in self._others), default=0)

    def of(self, term: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """The other terms that mean the same."""
        return self._others.get(term, ())
