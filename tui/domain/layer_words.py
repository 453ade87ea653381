"""Words by which a phrase is known to speak of style, composition, or light, colour and mood."""

import re

from tui.domain.vague import FILLER, LIGHT, MOOD

_NAME = r"[^\W\d_][\w.'’-]*"

_STYLE = (
    r"(?:in |with )?(?:the )?(?:style|manner) of [^,]{1,80}",
    rf"^(?:art )?by {_NAME}(?: {_NAME}){{0,3}}",
    r"[\w-]+ style",
    r"photo(?:s|graph(?:y|ic|s)?|real(?:ism|istic)?)?|hyper-?realis(?:m|tic)|realis(?:m|tic)",
    r"(?:oil |acrylic |digital |gouache |matte )?paint(?:ing|ed)|watercolou?r|gouache|pastels",
    r"(?:flat |vector |digital )?illustrat(?:ion|ed)|line ?art|artwork|key visual|flat design",
    r"(?:digital|concept|pixel|line|fan|clip|pop|cover|box|vector|fantasy|game|street) art",
    r"anime|manga|cartoon|comic(?: book)?|chibi|kawaii|ghibli|pixar|disney|claymation|clay|plush",
    r"(?:pencil |charcoal |ink )?(?:sketch|drawing)|ink|doodle|crayon|woodcut|linocut|etching",
    r"engraving|mosaic|stained glass|graffiti|origami|papercraft|paper cut|blueprint|infographic",
    r"3d(?: render(?:ing)?)?|cgi|(?:octane |3d )?render(?:ing)?|unreal engine ?5?|blender|v-?ray",
    r"low[- ]?poly|isometric|icon|logo|sticker|poster|minimalis(?:m|t|tic)|abstract|retro|vintage",
    r"(?:post-?)?impressionis(?:m|t|tic)|expressionis[mt]|surreal(?:is[mt])?|cubis[mt]|ukiyo-e",
    r"baroque|renaissance|art nouveau|art deco|bauhaus|gothic|rococo|editorial|documentary",
    r"(?:cyber|steam|diesel|solar)punk|(?:vapor|synth)wave|artstation|deviantart|pixiv",
    r"cinematic(?: still)?|(?:film|movie) still|analog(?:ue)? film|\d+ ?mm (?:film|photograph)",
    r"polaroid|kodak \w+|fujifilm|film grain|hdr|black and white icon",
)
_COMPOSITION = (
    r"(?:extreme )?close[- ]?up|head ?shot|portrait|profile|silhouette|macro|pov|fish-?eye",
    r"(?:extreme |very )?(?:wide|long|medium|full|mid|cowboy|establishing|overhead)[- ]shot",
    r"(?:waist|low|high|drone|group|product)[- ](?:angle )?shot",
    r"(?:full|upper|lower|half)[- ]body|(?:low|high|wide|dutch|eye)[- ](?:angle|level)",
    r"(?:seen |viewed |view |shot )?from (?:the )?(?:above|below|behind|afar|side|front|back)",
    r"from (?:the left|the right|a distance)",
    r"(?:bird|worm)['’]?s?[- ]eye(?:[- ]view)?|flat lay|knolling|top[- ]down|panorama",
    r"(?:aerial|top|side|front|rear|back|panoramic|three-quarter)[- ](?:down )?view",
    r"cent(?:red|ered)|symmetr(?:y|ic|ical)|rule of thirds|golden ratio|vanishing point",
    r"(?:on|at|to|in) the (?:top |bottom |upper |lower )?(?:left|right|middle|cent(?:re|er))",
    r"(?:on|at|to|in) the (?:top|bottom|corner|foreground|distance)",
    r"foreground|fram(?:ing|ed)|composition|(?:negative|copy) space|wide[- ]?screen|perspective",
    r"tiled|seamless|split screen|vignette",
)
_DETAIL = (
    LIGHT.pattern,
    MOOD.pattern,
    r"(?:[\w-]+ )?background|(?:[\w-]+ )?colou?r(?:s|ed|ful)?|(?:colou?r )?palette|[\w-]+ tones?",
    r"pastel|vibrant|vivid|saturated|muted|monochrome|black and white|sepia|contrast|intricate",
    r"bokeh|depth of field|(?:sharp |soft )?focus|f/?\d(?:\.\d)?|\d{2,3} ?mm(?: lens)?",
    r"haz[ey]|fog(?:gy)?|mist(?:y)?|volumetric|ray ?tracing|global illumination|reflections?",
    r"textured?|detail(?:s|ed)|ambient occlusion|subsurface scattering",
    r"emotional|harmonious|elegant|epic|gritty|ethereal",
)
_VERY = r"(?:best|high(?:est|ly)?|top|ultra|super|amazing|good|great|very|insanely|extremely)"
_PRAISE = (
    *FILLER,
    rf"(?:{_VERY}[ -]?){{0,3}}(?:quality|res(?:olution)?|detail(?:s|ed)?|definition|aesthetic)",
    rf"(?:{_VERY}[ -]?){{0,3}}intricate(?: details?)?",
    r"absurd ?res|high ?res|hi-?res|ultra-?hd|u?hd|[48]k(?: uhd| wallpaper| resolution)?|16k",
    r"official art|trending(?: on \w+)?|award[- ]winning|professional|crisp|sharp|raw(?: photo)?",
    r"score_\d(?:_up)?|source_\w+|rating_\w+|newest",
)


def _pattern(parts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<!\w)(?:{part})(?!\w)" for part in parts))


KNOWN = {
    "style": _pattern(_STYLE),
    "composition": _pattern(_COMPOSITION),
    "detail": _pattern(_DETAIL),
}
"""For each layer the words, in lower case, that speak of it."""

PRAISE = re.compile("|".join(f"(?:{part})" for part in _PRAISE))
"""A whole phrase, in lower case, that only says how good the picture should be."""
