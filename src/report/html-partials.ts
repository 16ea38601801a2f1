/** The parts of the page that come more than once. Inside double braces every value is escaped; prose goes by way of Markdown. */
export const HTML_PARTIALS: Readonly<Record<string, string>> = {
  answer: `<p class="lead">{{prose summary}}</p>
<div class="answer">
<dl class="who">
{{#if owner}}<div><dt>Owner: {{show owner.kind}}</dt><dd><b>{{show owner.name}}</b>{{#if owner.size}} <span>{{show owner.size}}</span>{{/if}}</dd></div>
{{/if}}<div><dt>How sure</dt><dd><b>{{show sure}}</b> <span>{{show score}} of 100</span>{{sure score}}</dd></div>
{{#if explained}}<div><dt>Accounts for</dt><dd><b>{{show explained}}</b></dd></div>
{{/if}}</dl>
{{#if actions}}<div class="todo">{{> actions}}</div>{{/if}}
<div class="why">
{{#if hasReasons}}<{{tag}}>Why we think so</{{tag}}>
<ul class="reasons">
{{#each reasons}}<li>{{#if anchor}}<a href="#{{anchor}}">{{show title}}</a>{{else}}{{prose title}}{{/if}}</li>
{{/each}}</ul>{{#if moreReasons}}<details class="fold"><summary>{{moreReasons.length}} more</summary><ul class="reasons">
{{#each moreReasons}}<li>{{#if anchor}}<a href="#{{anchor}}">{{show title}}</a>{{else}}{{prose title}}{{/if}}</li>
{{/each}}</ul></details>{{/if}}{{/if}}
{{#if against}}<{{tag}}>What speaks against it</{{tag}}>
<ul class="against">{{#each against}}<li>{{prose this}}</li>
{{/each}}</ul>{{/if}}
</div>
</div>`,
  more: `{{#if explanation}}<p>{{prose explanation}}</p>{{/if}}
{{#if evidence}}<details class="fold"><summary>Evidence: {{show figures}}, with source and formula <span class="quiet">{{show id}}</span></summary>{{> evidence}}</details>{{/if}}
{{> references}}`,
  evidence: `{{#if evidence}}<div class="scroll" role="group" tabindex="0" aria-label="Evidence: {{show title}}">
<table class="evidence"><thead><tr><th scope="col">Evidence</th><th scope="col" class="n">Value</th><th scope="col" class="n">Threshold</th><th scope="col">Source and formula</th></tr></thead>
<tbody>{{#each evidence}}<tr><th scope="row">{{show label}}<small>{{show fact}}</small></th><td class="n"><b>{{figure value}}</b></td><td class="n">{{figure threshold}}</td><td class="source">{{long source}}</td></tr>
{{/each}}</tbody></table></div>{{/if}}`,
  actions: `{{#if actions}}<{{tag}}>What to do</{{tag}}>
<ol class="actions">
{{#each actions}}<li><span class="do">{{show word}}</span> {{prose text}}{{#if harmless}} <span class="quiet">{{prose harmless}}</span>{{/if}}{{#if command}}<pre><code>{{command command}}</code></pre>{{/if}}{{#if risk}}<p class="risk"><b>Risk:</b> {{prose risk}}</p>{{/if}}</li>
{{/each}}</ol>{{/if}}`,
  references: `{{#if references}}<p class="references">{{#each references}}{{link title url}} {{/each}}</p>{{/if}}`,
  table: `<div class="scroll" role="group" tabindex="0" aria-label="Table: {{show caption}}">
<table{{#if table.barred}} class="barred"{{/if}}><thead><tr>{{#each table.head}}{{#if chart}}<th scope="col" class="wide"><span class="hidden">Bar</span></th>{{else}}<th scope="col"{{#if number}} class="n"{{/if}}>{{#if tone}}{{swatch tone ''}}{{/if}}{{show text}}</th>{{/if}}{{/each}}</tr></thead>
<tbody>{{#each table.rows}}<tr>{{#each this}}{{#if chart}}<td class="wide">{{{svg}}}</td>{{else}}{{#if head}}<th scope="row">{{show text}}{{#each notes}}<small>{{show this}}</small>{{/each}}</th>{{else}}<td{{#if number}} class="n"{{/if}}{{#if long}} class="long"{{/if}}>{{show text}}</td>{{/if}}{{/if}}{{/each}}</tr>
{{/each}}</tbody></table>
</div>{{#if table.same}}<p class="quiet">The same in every row that has it: {{#each table.same}}{{#if @index}}, {{/if}}{{show this}}{{/each}}.</p>{{/if}}`,
  grid: `<section aria-labelledby="{{id}}-title">
<h2 id="{{id}}-title">{{title}}</h2>
{{#if note}}<p class="quiet">{{note}}</p>{{/if}}
{{> table caption=title}}
</section>`,
};
