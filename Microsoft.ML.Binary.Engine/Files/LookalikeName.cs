using System.Collections.Frozen;
using System.Text;

namespace Microsoft.ML.Binary.Files;

/// <summary>
/// Names that look the same. One system writes the letter é as one character and another as e with a combining accent (Unicode
/// normalization forms C and D), and some take A for a. <see cref="string.Normalize()"/> does nothing where the runtime works without
/// ICU, as this repository's programs and many containers do, so the canonical decompositions are here.
/// </summary>
/// <example>
/// <code>
/// bool same = LookalikeName.Fold("caf\u00E9.png", ignoreCase: true) == LookalikeName.Fold("CAFE\u0301.png", ignoreCase: true);         // true
/// </code>
/// </example>
public static class LookalikeName
{
    private const char HangulFirst = '\uAC00', HangulLast = '\uD7A3', LeadFirst = '\u1100', VowelFirst = '\u1161', TailBefore = '\u11A7';

    private const int Vowels = 21, Tails = 28;

    /// <summary>Canonical decompositions of Unicode outside Hangul and CJK compatibility ideographs: for each mark, pairs of a character and what it becomes with the mark.</summary>
    private static readonly Dictionary<char, string> PairsOfMarks = new()
    {
        ['\u0300'] = "AÀEÈIÌOÒUÙaàeèiìoòuùÜǛüǜNǸnǹЕЀИЍеѐиѝĒḔēḕŌṐōṑWẀwẁÂẦâầĂẰăằÊỀêềÔỒôồƠỜơờƯỪưừYỲyỳἀἂἁἃἈἊἉἋἐἒἑἓἘἚἙἛἠἢἡἣἨἪἩἫἰἲἱἳἸἺἹἻὀὂὁὃὈὊὉὋὐὒὑὓὙὛὠὢὡὣὨὪὩὫαὰεὲηὴιὶοὸυὺωὼΑᾺΕῈΗῊ"
            + "\u1FBF\u1FCDϊῒΙῚ\u1FFE\u1FDDϋῢΥῪ\u00A8\u1FEDΟῸΩῺ",
        ['\u0301'] = "AÁEÉIÍOÓUÚYÝaáeéiíoóuúyýCĆcćLĹlĺNŃnńRŔrŕSŚsśZŹzźÜǗüǘGǴgǵÅǺåǻÆǼæǽØǾøǿ\u0308\u0344\u00A8\u0385ΑΆΕΈΗΉΙΊΟΌΥΎΩΏϊΐαάεέηήιίϋΰοόυύωώϒϓГЃКЌгѓкќÇḈçḉĒḖēḗÏḮïḯKḰkḱ"
            + "MḾmḿÕṌõṍŌṒōṓPṔpṕŨṸũṹWẂwẃÂẤâấĂẮăắÊẾêếÔỐôốƠỚơớƯỨưứἀἄἁἅἈἌἉἍἐἔἑἕἘἜἙἝἠἤἡἥἨἬἩἭἰἴἱἵἸἼἹἽὀὄὁὅὈὌὉὍὐὔὑὕὙὝὠὤὡὥὨὬὩὭα\u1F71ε\u1F73η\u1F75ι\u1F77ο\u1F79υ\u1F7B"
            + "ω\u1F7DΑ\u1FBBΕ\u1FC9Η\u1FCB\u1FBF\u1FCEϊ\u1FD3Ι\u1FDB\u1FFE\u1FDEϋ\u1FE3Υ\u1FEB\u00A8\u1FEEΟ\u1FF9Ω\u1FFB",
        ['\u0302'] = "AÂEÊIÎOÔUÛaâeêiîoôuûCĈcĉGĜgĝHĤhĥJĴjĵSŜsŝWŴwŵYŶyŷZẐzẑẠẬạậẸỆẹệỌỘọộ",
        ['\u0303'] = "AÃNÑOÕaãnñoõIĨiĩUŨuũVṼvṽÂẪâẫĂẴăẵEẼeẽÊỄêễÔỖôỗƠỠơỡƯỮưữYỸyỹ",
        ['\u0304'] = "AĀaāEĒeēIĪiīOŌoōUŪuūÜǕüǖÄǞäǟȦǠȧǡÆǢæǣǪǬǫǭÖȪöȫÕȬõȭȮȰȯȱYȲyȳИӢиӣУӮуӯGḠgḡḶḸḷḹṚṜṛṝαᾱΑᾹιῑΙῙυῡΥῩ",
        ['\u0306'] = "AĂaăEĔeĕGĞgğIĬiĭOŎoŏUŬuŭУЎИЙийуўЖӁжӂАӐаӑЕӖеӗȨḜȩḝẠẶạặαᾰΑᾸιῐΙῘυῠΥῨ",
        ['\u0307'] = "CĊcċEĖeėGĠgġIİZŻzżAȦaȧOȮoȯBḂbḃDḊdḋFḞfḟHḢhḣMṀmṁNṄnṅPṖpṗRṘrṙSṠsṡŚṤśṥŠṦšṧṢṨṣṩTṪtṫWẆwẇXẊxẋYẎyẏſẛ",
        ['\u0308'] = "AÄEËIÏOÖUÜaäeëiïoöuüyÿYŸΙΪΥΫιϊυϋϒϔЕЁІЇеёіїАӒаӓӘӚәӛЖӜжӝЗӞзӟИӤиӥОӦоӧӨӪөӫЭӬэӭУӰуӱЧӴчӵЫӸыӹHḦhḧÕṎõṏŪṺūṻWẄwẅXẌxẍtẗ",
        ['\u0309'] = "AẢaảÂẨâẩĂẲăẳEẺeẻÊỂêểIỈiỉOỎoỏÔỔôổƠỞơởUỦuủƯỬưửYỶyỷ",
        ['\u030A'] = "AÅaåUŮuůwẘyẙA\u212B",
        ['\u030B'] = "OŐoőUŰuűУӲуӳ",
        ['\u030C'] = "CČcčDĎdďEĚeěLĽlľNŇnňRŘrřSŠsšTŤtťZŽzžAǍaǎIǏiǐOǑoǒUǓuǔÜǙüǚGǦgǧKǨkǩƷǮʒǯjǰHȞhȟ",
        ['\u030F'] = "AȀaȁEȄeȅIȈiȉOȌoȍRȐrȑUȔuȕѴѶѵѷ",
        ['\u0311'] = "AȂaȃEȆeȇIȊiȋOȎoȏRȒrȓUȖuȗ",
        ['\u0313'] = "αἀΑἈεἐΕἘηἠΗἨιἰΙἸοὀΟὈυὐωὠΩὨρῤ",
        ['\u0314'] = "αἁΑἉεἑΕἙηἡΗἩιἱΙἹοὁΟὉυὑΥὙωὡΩὩρῥΡῬ",
        ['\u031B'] = "OƠoơUƯuư",
        ['\u0323'] = "BḄbḅDḌdḍHḤhḥKḲkḳLḶlḷMṂmṃNṆnṇRṚrṛSṢsṣTṬtṭVṾvṿWẈwẉZẒzẓAẠaạEẸeẹIỊiịOỌoọƠỢơợUỤuụƯỰưựYỴyỵ",
        ['\u0324'] = "UṲuṳ",
        ['\u0325'] = "AḀaḁ",
        ['\u0326'] = "SȘsșTȚtț",
        ['\u0327'] = "CÇcçGĢgģKĶkķLĻlļNŅnņRŖrŗSŞsşTŢtţEȨeȩDḐdḑHḨhḩ",
        ['\u0328'] = "AĄaąEĘeęIĮiįUŲuųOǪoǫ",
        ['\u032D'] = "DḒdḓEḘeḙLḼlḽNṊnṋTṰtṱUṶuṷ",
        ['\u032E'] = "HḪhḫ",
        ['\u0330'] = "EḚeḛIḬiḭUṴuṵ",
        ['\u0331'] = "BḆbḇDḎdḏKḴkḵLḺlḻNṈnṉRṞrṟTṮtṯZẔzẕhẖ",
        ['\u0338'] = "\u2190\u219A\u2192\u219B\u2194\u21AE\u21D0\u21CD\u21D4\u21CE\u21D2\u21CF\u2203\u2204\u2208\u2209\u220B\u220C\u2223\u2224\u2225\u2226\u223C\u2241"
            + "\u2243\u2244\u2245\u2247\u2248\u2249=\u2260\u2261\u2262\u224D\u226D<\u226E>\u226F\u2264\u2270\u2265\u2271\u2272\u2274\u2273\u2275\u2276\u2278"
            + "\u2277\u2279\u227A\u2280\u227B\u2281\u2282\u2284\u2283\u2285\u2286\u2288\u2287\u2289\u22A2\u22AC\u22A8\u22AD\u22A9\u22AE\u22AB\u22AF\u227C\u22E0"
            + "\u227D\u22E1\u2291\u22E2\u2292\u22E3\u22B2\u22EA\u22B3\u22EB\u22B4\u22EC\u22B5\u22ED\u2ADD\u2ADC",
        ['\u0342'] = "ἀἆἁἇἈἎἉἏἠἦἡἧἨἮἩἯἰἶἱἷἸἾἹἿὐὖὑὗὙὟὠὦὡὧὨὮὩὯαᾶ\u00A8\u1FC1ηῆ\u1FBF\u1FCFιῖϊῗ\u1FFE\u1FDFυῦϋῧωῶ",
        ['\u0345'] = "ἀᾀἁᾁἂᾂἃᾃἄᾄἅᾅἆᾆἇᾇἈᾈἉᾉἊᾊἋᾋἌᾌἍᾍἎᾎἏᾏἠᾐἡᾑἢᾒἣᾓἤᾔἥᾕἦᾖἧᾗἨᾘἩᾙἪᾚἫᾛἬᾜἭᾝἮᾞἯᾟὠᾠὡᾡὢᾢὣᾣὤᾤὥᾥὦᾦὧᾧὨᾨὩᾩὪᾪὫᾫὬᾬὭᾭὮᾮὯᾯὰᾲαᾳάᾴᾶᾷΑᾼὴῂηῃήῄῆῇΗῌὼῲωῳώῴῶῷΩῼ",
        ['\u0653'] = "\u0627\u0622",
        ['\u0654'] = "\u0627\u0623\u0648\u0624\u064A\u0626\u06D5\u06C0\u06C1\u06C2\u06D2\u06D3",
        ['\u0655'] = "\u0627\u0625",
        ['\u093C'] = "\u0928\u0929\u0930\u0931\u0933\u0934\u0915\u0958\u0916\u0959\u0917\u095A\u091C\u095B\u0921\u095C\u0922\u095D\u092B\u095E\u092F\u095F",
        ['\u09BC'] = "\u09A1\u09DC\u09A2\u09DD\u09AF\u09DF",
        ['\u09BE'] = "\u09C7\u09CB",
        ['\u09D7'] = "\u09C7\u09CC",
        ['\u0A3C'] = "\u0A32\u0A33\u0A38\u0A36\u0A16\u0A59\u0A17\u0A5A\u0A1C\u0A5B\u0A2B\u0A5E",
        ['\u0B3C'] = "\u0B21\u0B5C\u0B22\u0B5D",
        ['\u0B3E'] = "\u0B47\u0B4B",
        ['\u0B56'] = "\u0B47\u0B48",
        ['\u0B57'] = "\u0B47\u0B4C",
        ['\u0BBE'] = "\u0BC6\u0BCA\u0BC7\u0BCB",
        ['\u0BD7'] = "\u0B92\u0B94\u0BC6\u0BCC",
        ['\u0C56'] = "\u0C46\u0C48",
        ['\u0CC2'] = "\u0CC6\u0CCA",
        ['\u0CD5'] = "\u0CBF\u0CC0\u0CC6\u0CC7\u0CCA\u0CCB",
        ['\u0CD6'] = "\u0CC6\u0CC8",
        ['\u0D3E'] = "\u0D46\u0D4A\u0D47\u0D4B",
        ['\u0D57'] = "\u0D46\u0D4C",
        ['\u0DCA'] = "\u0DD9\u0DDA\u0DDC\u0DDD",
        ['\u0DCF'] = "\u0DD9\u0DDC",
        ['\u0DDF'] = "\u0DD9\u0DDE",
        ['\u0F72'] = "\u0F71\u0F73",
        ['\u0F74'] = "\u0F71\u0F75",
        ['\u0F80'] = "\u0FB2\u0F76\u0FB3\u0F78\u0F71\u0F81",
        ['\u0FB5'] = "\u0F40\u0F69\u0F90\u0FB9",
        ['\u0FB7'] = "\u0F42\u0F43\u0F4C\u0F4D\u0F51\u0F52\u0F56\u0F57\u0F5B\u0F5C\u0F92\u0F93\u0F9C\u0F9D\u0FA1\u0FA2\u0FA6\u0FA7\u0FAB\u0FAC",
        ['\u102E'] = "\u1025\u1026",
        ['\u1B35'] = "\u1B05\u1B06\u1B07\u1B08\u1B09\u1B0A\u1B0B\u1B0C\u1B0D\u1B0E\u1B11\u1B12\u1B3A\u1B3B\u1B3C\u1B3D\u1B3E\u1B40\u1B3F\u1B41\u1B42\u1B43",
        ['\u3099'] = "かがきぎくぐけげこごさざしじすずせぜそぞただちぢつづてでとどはばひびふぶへべほぼうゔゝゞカガキギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドハバヒビフブヘベホボウヴワヷヰヸヱヹヲヺヽヾ",
        ['\u309A'] = "はぱひぴふぷへぺほぽハパヒピフプヘペホポ",
    };

    /// <summary>Characters that are others by another code: pairs of the usual one and the other.</summary>
    private const string Doubles = "\u0300\u0340\u0301\u0341\u0313\u0343\u02B9\u0374;\u037E\u00B7\u0387\u03B9\u1FBE`\u1FEF\u00B4\u1FFD\u2002\u2000\u2003\u2001\u03A9\u2126K\u212A";

    private static readonly FrozenDictionary<char, string> Decompositions = ReadPairs();

    /// <summary>The same for names that look the same.</summary>
    /// <param name="name">Any text.</param>
    /// <param name="ignoreCase">Whether A looks like a.</param>
    public static string Fold(string name, bool ignoreCase)
    {
        StringBuilder folded = new(name.Length);
        foreach (char c in name)
        {
            Decompose(c, folded);
        }

        SortMarks(folded);
        string result = folded.ToString();
        return ignoreCase ? result.ToUpperInvariant() : result;
    }

    private static void Decompose(char c, StringBuilder into)
    {
        if (c is >= HangulFirst and <= HangulLast)
        {
            int index = c - HangulFirst, tail = index % Tails;
            into.Append((char)(LeadFirst + index / (Vowels * Tails))).Append((char)(VowelFirst + index / Tails % Vowels));
            if (tail > 0)
            {
                into.Append((char)(TailBefore + tail));
            }
        }
        else if (c > '\u007F' && Decompositions.TryGetValue(c, out string? parts))
        {
            Array.ForEach(parts.ToCharArray(), part => Decompose(part, into));
        }
        else
        {
            into.Append(c);
        }
    }

    // Marks above and below a letter may be written in either order.
    private static void SortMarks(StringBuilder text)
    {
        for (int i = 1; i < text.Length; i++)
        {
            for (int j = i; j > 0 && IsMark(text[j]) && IsMark(text[j - 1]) && text[j] < text[j - 1]; j--)
            {
                (text[j], text[j - 1]) = (text[j - 1], text[j]);
            }
        }
    }

    private static bool IsMark(char c) => char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.NonSpacingMark;

    private static FrozenDictionary<char, string> ReadPairs()
    {
        Dictionary<char, string> parts = [];
        foreach ((char mark, string pairs) in PairsOfMarks)
        {
            for (int i = 0; i < pairs.Length; i += 2)
            {
                parts.Add(pairs[i + 1], $"{pairs[i]}{mark}");
            }
        }

        for (int i = 0; i < Doubles.Length; i += 2)
        {
            parts.Add(Doubles[i + 1], $"{Doubles[i]}");
        }

        return parts.ToFrozenDictionary();
    }
}
