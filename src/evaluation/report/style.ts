/** The report's style sheet: light and dark by the reader's setting, one column on a phone, plain on paper. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--panel:#f5f7fa;--ink:#1a2027;--soft:#55606e;--rule:#d8dee6;--first:#1f5fbf;--second:#b3470b;--before:#6b7684;--good:#136c3f;--bad:#b3261e;--warn:#fff4d6;--mark:#ffe27a}
@media(prefers-color-scheme:dark){:root{--bg:#12161c;--panel:#1b212a;--ink:#e6eaf0;--soft:#a3aebb;--rule:#333d4a;--first:#7fb0ff;--second:#ffa566;--before:#98a3b1;--good:#6fd39d;--bad:#ff938a;--warn:#3a3112;--mark:#6b5900}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--bg);padding:8px}
header,main,footer{max-width:1080px;margin:0 auto;padding:0 20px}
header{padding-top:28px}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 4px}
h2{font-size:1.3rem;margin:36px 0 12px;padding-bottom:4px;border-bottom:1px solid var(--rule)}
h3{font-size:1.1rem;margin:0}
h4{font-size:1rem;margin:24px 0 6px}
a{color:var(--first)}
nav{margin:12px 0 0;display:flex;flex-wrap:wrap;gap:4px 16px}
p{margin:6px 0}
.note,.what,small,caption,figcaption{color:var(--soft)}
.note,.what,small{font-size:.875rem}
.headline{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:20px 0 0;padding:0;list-style:none}
.headline li{background:var(--panel);border-radius:8px;padding:12px 14px}
.headline b{display:block;font-size:1.5rem;line-height:1.2;font-variant-numeric:tabular-nums}
.headline span{display:block;line-height:1.35;color:var(--soft);font-size:.875rem}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:10px 20px;margin:0}
.facts dt{color:var(--soft);font-size:.875rem}.facts dd{margin:0;overflow-wrap:anywhere}
.warnings{background:var(--warn);border-radius:8px;padding:12px 16px;margin:18px 0}.warnings ul{margin:6px 0 0;padding-left:20px}
pre{background:var(--panel);border-radius:8px;padding:12px 14px;overflow-x:auto;font-size:.875rem;margin:8px 0}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.scroll{overflow-x:auto;margin:8px 0;max-width:100%}
table{border-collapse:collapse;font-size:.9rem}
caption{text-align:left;font-size:.875rem;padding:0 0 4px}
small{font-weight:400}
th,td{padding:5px 12px 5px 0;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
thead th{color:var(--soft);font-weight:500;white-space:nowrap;vertical-align:bottom}
tbody th{position:sticky;left:0;background:var(--bg);font-weight:600;min-width:6.5em;max-width:22em;overflow-wrap:anywhere}
td{max-width:34em}td.words{min-width:16em}
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.badge{display:inline-block;border:1px solid currentColor;border-radius:99px;padding:0 8px;font-size:.8rem;line-height:1.5;white-space:nowrap}
.badge.passed,.badge.auto{color:var(--good)}.badge.failed{color:var(--bad);font-weight:600}.badge.review{color:var(--soft)}
.whisker-cell{display:flex;align-items:center;gap:8px;white-space:nowrap}
.whisker-row{width:76px;height:12px;flex:none}.whisker-row .track{stroke:var(--rule);stroke-width:1}.whisker-row .span{stroke:var(--first);stroke-width:3;stroke-linecap:round}.whisker-row circle{fill:var(--first);stroke:var(--bg);stroke-width:1}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(320px,100%),1fr));gap:20px;align-items:start}
.chart{margin:8px 0;max-width:520px}
figcaption{font-size:.9rem;color:var(--ink);margin-bottom:4px}
.chart svg{display:block;width:100%;height:auto}
.chart text{fill:var(--soft);font-size:11px}.chart .axis-name{font-size:11.5px}
.grid{stroke:var(--rule);stroke-width:.6}.axis{stroke:var(--soft);stroke-width:1}
.line{fill:none;stroke:var(--first);stroke-width:2;stroke-linejoin:round}
.line.second{stroke:var(--second)}.line.diagonal{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 3}.line.target{stroke:var(--good);stroke-width:1.5;stroke-dasharray:6 3}
.mark-line{stroke:var(--second);stroke-width:1.5;stroke-dasharray:3 3}
.band{fill:var(--first);opacity:.16}
.dot{fill:var(--first)}.dot.second{fill:var(--second)}.dot.before{fill:var(--bg);stroke:var(--before);stroke-width:1.3}
.whisker{stroke:var(--first);stroke-width:1.3}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;margin:4px 0 0;padding:0;list-style:none;font-size:.85rem;color:var(--soft)}
.swatch{display:inline-block;width:18px;height:0;border-top:3px solid var(--first);vertical-align:middle;margin-right:6px}
.swatch.second{border-color:var(--second)}.swatch.before{width:9px;height:9px;border:1.5px solid var(--before);border-radius:50%}
.swatch.diagonal{border-top:1px dashed var(--soft)}.swatch.target{border-top:2px dashed var(--good)}.swatch.mark-line{border-top:2px dotted var(--second)}
details{margin:8px 0}
summary{cursor:pointer;padding:4px 0}
.attribute{border:1px solid var(--rule);border-radius:8px;padding:8px 16px;margin:12px 0}
.attribute>summary h3{display:inline;overflow-wrap:anywhere}
.attribute[open]>summary{border-bottom:1px solid var(--rule);padding-bottom:8px;margin-bottom:8px}
.columns{display:flex;flex-wrap:wrap;gap:12px 40px;align-items:flex-start}
.heat th,.heat td{padding:4px 8px;border:1px solid var(--bg)}
.heat tbody th{text-align:right;font-weight:400;min-width:4.5em;max-width:12em;overflow-wrap:break-word}
.heat .across{min-width:3.4em;max-width:7em;overflow-wrap:break-word;white-space:normal;font-size:.8rem;text-align:center}
.heat td.right{background:color-mix(in srgb,var(--first) var(--w),var(--bg))}
.heat td.wrong{background:color-mix(in srgb,var(--second) var(--w),var(--bg))}
.heat td{min-width:2.6em;text-align:center}.heat .zero{color:var(--rule)}
.mistakes{padding-left:24px}.mistakes li{margin:0 0 14px;padding-left:4px}
.mistakes p{margin:2px 0}.verdict{display:flex;flex-wrap:wrap;gap:0 16px;align-items:baseline}
.answer{font-weight:600;overflow-wrap:anywhere}.answer .what{font-weight:400}
.answer.wrong{color:var(--bad)}.answer.right{color:var(--good)}
.read{overflow-wrap:anywhere}
mark{background:var(--mark);color:inherit;border-radius:2px}
bdi{unicode-bidi:isolate}
footer{padding:32px 20px;color:var(--soft);font-size:.875rem}
:focus-visible{outline:2px solid var(--first);outline-offset:2px}
@media(max-width:560px){header,main,footer{padding-left:14px;padding-right:14px}.attribute{padding:6px 10px}h1{font-size:1.4rem}.headline{grid-template-columns:1fr 1fr}}
@media print{details{display:block}.scroll{overflow:visible}.attribute{break-inside:avoid-page}}
`;
