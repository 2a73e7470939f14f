package svg

// style is light, and dark where the reader's system is. Kinds differ by form
// too: pseudo events are pills, fencing has a thick frame.
const style = `<style>
svg{background:#fff}
text{font:11px "DejaVu Sans Mono",Menlo,Consolas,monospace;fill:#1b1f24;text-anchor:middle}
.title{font-size:16px;font-weight:bold;text-anchor:start}
.note,.legend text{text-anchor:start;fill:#59636e}
.lane{fill:#f6f8fa}
.odd{fill:#eceff3}
.name{font-size:12px;font-weight:bold;fill:#454c54}
.where{fill:#59636e}
.v rect,.legend rect{stroke-width:1.5}
.real rect{fill:#e6f6e9;stroke:#1a7f37}
.pseudo rect{fill:#fff4e0;stroke:#bf7400}
.fencing rect{fill:#ffe5e3;stroke:#cf222e;stroke-width:3}
.missing rect{fill:none;stroke:#818b98;stroke-dasharray:5 3}
.e path{fill:none;stroke:#768390;stroke-width:1.2}
.e .head{fill:#768390;stroke:none}
.e.f path{stroke:#cf222e}
.e.f .head{fill:#cf222e}
.e.back path{stroke:#cf222e;stroke-dasharray:5 3}
.e:hover path{stroke:#0969da;stroke-width:2.5}
.e:hover .head{fill:#0969da}
@media (prefers-color-scheme:dark){
svg{background:#0d1117}
text{fill:#e6edf3}
.note,.legend text,.where{fill:#9198a1}
.lane{fill:#151b23}
.odd{fill:#1c232d}
.name{fill:#b7bdc8}
.real rect{fill:#12261a;stroke:#3fb950}
.pseudo rect{fill:#2b2111;stroke:#db9a2c}
.fencing rect{fill:#3a1618;stroke:#f85149}
.missing rect{stroke:#656c76}
.e path{stroke:#848d97}
.e .head{fill:#848d97}
.e.f path,.e.back path{stroke:#f85149}
.e.f .head{fill:#f85149}
.e:hover path{stroke:#4493f8}
.e:hover .head{fill:#4493f8}
}
</style>
`
