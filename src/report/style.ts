/** The whole style of a report: light and dark, narrow and printed. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1d2125;--quiet:#5c6670;--line:#e7eaee;--rule:#c3c9d1;--tint:#f6f7f9;
--first:#2563c9;--second:#c2571a;--good:#0b6e4f;--io:#9db8de;--scratch:#bcd9c6;--constant:#d9d3c0;--onfill:#16202a;--heat:37,99,201}
@media (prefers-color-scheme:dark){:root{--paper:#15181c;--ink:#e3e6ea;--quiet:#9aa4af;--line:#2a3037;--rule:#4a535d;--tint:#1c2026;
--first:#79a8f2;--second:#eb9a63;--good:#6cc9a3;--io:#41608f;--scratch:#3a6650;--constant:#625b45;--onfill:#eef2f6;--heat:121,168,242}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
h1,h2,p,.name,.math,.formulas th,summary,.note{overflow-wrap:anywhere}
header,main,footer{max-width:68rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.5rem}
h1{font-size:1.75rem;line-height:1.2;font-weight:650;letter-spacing:-.01em;margin:0 0 .35rem}
h2{font-size:1.3rem;line-height:1.3;font-weight:620;margin:3rem 0 .4rem;padding-top:1rem;border-top:1px solid var(--line)}
h3{font-size:1rem;font-weight:620;margin:2rem 0 .5rem}
h4{font-size:.875rem;font-weight:500;color:var(--quiet);margin:1.1rem 0 .25rem}
p{margin:.4rem 0 .8rem;max-width:44rem}
.lead,header p,.note,footer,figcaption,summary,small,caption{color:var(--quiet)}
.note,figcaption,caption,footer,small{font-size:.8125rem}
strong{font-weight:620;color:var(--ink)}
code,pre,.math,.type{font-family:ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.8125rem}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;list-style:none;margin:1rem 0 0;padding:0;font-size:.875rem}
a{color:var(--first);text-decoration-thickness:1px;text-underline-offset:3px}
:focus-visible{outline:2px solid var(--first);outline-offset:2px}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:1.5rem 2rem;margin:1.25rem 0}
figure{margin:0;min-width:0;max-width:34rem}figure.wide{max-width:none;margin:1rem 0}
figure h3{margin:0;display:inline-block;color:var(--ink);font-size:.9375rem;margin-right:.75rem}
figcaption{display:flex;flex-wrap:wrap;align-items:baseline;gap:.1rem .8rem;margin-bottom:.4rem}
svg{display:block;width:100%;height:auto;overflow:visible}
.key{white-space:nowrap}.key i{display:inline-block;width:1.25rem;border-top:2px solid var(--c);vertical-align:.25em;margin-right:.4rem}
.key i.dashed{border-top-style:dashed}
.key i.region{width:.8rem;height:.8rem;border:0;border-radius:2px;vertical-align:-.08em}
.scroll{overflow-x:auto;margin:.25rem 0 1rem}
table{border-collapse:collapse;font-size:.875rem;line-height:1.4}
th,td{padding:.3rem .9rem .3rem 0;text-align:left;vertical-align:baseline;font-weight:400;border-bottom:1px solid var(--line)}
thead th{color:var(--quiet);font-size:.8125rem;white-space:nowrap;border-bottom-color:var(--rule)}
th:last-child,td:last-child{padding-right:.25rem}
.n{text-align:right;white-space:nowrap}
tbody th small{display:block}
.best>*{font-weight:620}.best th:first-child::before{content:"★ ";color:var(--second);font-weight:400}
.kernels td.math,.formulas td.math{min-width:18rem}.formulas th{min-width:7rem;max-width:18rem}.kernels .math div+div{margin-top:.15rem}
.formulas th,.formulas td{border-bottom:0;padding-top:.12rem;padding-bottom:.12rem}
.formulas .type{color:var(--quiet);white-space:nowrap}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.part{font-size:.8125rem;white-space:nowrap}.part.backward{color:var(--second)}.part.update{color:var(--good)}.part.forward{color:var(--quiet)}
h2 code{font-size:.9em}.name{min-width:11rem;max-width:22rem}
.bar{background:linear-gradient(to right,rgba(var(--heat),.18) var(--w),transparent 0) no-repeat;padding-left:.9rem}
.totals{display:flex;flex-wrap:wrap;gap:.5rem 2.5rem;margin:.5rem 0 1rem}.totals dt{font-size:.8125rem;color:var(--quiet)}
.totals dd{margin:0;font-size:1.125rem}.totals small{margin-left:.3rem}
.region.io{fill:var(--io);background:var(--io)}.region.scratch,.region.panel,.region.packed{fill:var(--scratch);background:var(--scratch)}
.region.constant{fill:var(--constant);background:var(--constant)}
.arena{min-width:40rem}.arena text{font-size:12px;fill:var(--quiet)}.arena .label{fill:var(--onfill);font-size:11px}
.arena .grid{stroke:var(--line)}
.confusion td,.confusion tbody th{padding:.25rem .4rem}.confusion td{text-align:right;min-width:2.4rem;border:1px solid var(--paper)}
.confusion thead th{text-align:right;padding:.2rem .4rem}.confusion tbody th{max-width:14rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;border:0;text-align:right}
.confusion tbody th small{display:inline}.confusion caption{text-align:left;padding-bottom:.5rem}
.confusion .zero{color:var(--rule)}.confusion .light,.confusion .deep{background:rgba(var(--heat),var(--v))}
.confusion .deep{color:var(--paper)}.confusion .right{font-weight:620}
summary{cursor:pointer;font-size:.875rem;padding:.2rem 0}details{margin:.5rem 0}
pre{background:var(--tint);border-radius:6px;padding:.9rem 1rem;line-height:1.5;max-height:40rem;overflow:auto;tab-size:2;overflow-wrap:normal}
.comment{color:var(--quiet)}
footer{margin-top:3.5rem;padding-top:1rem;padding-bottom:2.5rem}
@media (max-width:40rem){body{font-size:15px}header{padding-top:1.5rem}h1{font-size:1.45rem}th,td{padding-right:.65rem}
.formulas tbody tr{display:grid;grid-template-columns:auto 1fr;margin-bottom:.5rem}.formulas td.math{grid-column:1/-1;min-width:0}.formulas th{min-width:0}}
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--quiet:#444;--line:#ddd;--rule:#999;--tint:#fff;--first:#1d4fa3;--second:#a34310;
--good:#0b6e4f;--io:#9db8de;--scratch:#bcd9c6;--constant:#d9d3c0;--onfill:#000;--heat:37,99,201}
body{font-size:10pt}nav{display:none}header,main,footer{max-width:none;padding-left:0;padding-right:0}
.scroll,pre{overflow:visible;max-height:none}pre{white-space:pre-wrap;padding:0}figure,tr{break-inside:avoid}h2,h3,h4{break-after:avoid}
.arena{min-width:0}.region,.confusion td,.bar{-webkit-print-color-adjust:exact;print-color-adjust:exact}
details::details-content{content-visibility:visible;block-size:auto}}
`
