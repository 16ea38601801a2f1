/** The parts of the page that come more than once. Inside double braces every value is escaped; prose goes by way of Markdown. */
export const HTML_PARTIALS: Readonly<Record<string, string>> = {
  diagnosis: `<p class="lead">{{prose summary}}</p>
<div class="two">
<div>
{{#if owner}}<p class="owner"><span class="quiet">Owner: {{show owner.kind}}</span> <b>{{show owner.name}}</b>{{#if owner.size}} <span>{{show owner.size}}</span>{{/if}}</p>{{/if}}
{{#if hasReasons}}<h3>Why we think so</h3>
<ul class="reasons">
{{#each because}}<li>{{show title}} <span class="quiet">{{show id}}</span></li>
{{/each}}{{#each supporting}}<li>{{prose this}}</li>
{{/each}}</ul>{{/if}}
{{#if against}}<h3>What speaks against it</h3>
<ul class="against">{{#each against}}<li>{{prose this}}</li>
{{/each}}</ul>{{/if}}
<p class="quiet">{{show confidence}} · {{show id}}{{#if explained}} · accounts for {{show explained}}{{/if}}</p>
</div>
<div>
{{> actions this}}
</div>
</div>
{{#if explanation}}<p>{{prose explanation}}</p>{{/if}}
{{#if evidence}}<details><summary>Evidence</summary>{{> evidence this}}</details>{{/if}}
{{> references this}}`,
  evidence: `{{#if evidence}}<div class="scroll" role="region" tabindex="0" aria-label="Evidence">
<table class="evidence"><thead><tr><th scope="col">Evidence</th><th scope="col" class="n">Value</th><th scope="col" class="n">Threshold</th><th scope="col">Source</th></tr></thead>
<tbody>{{#each evidence}}<tr><th scope="row">{{show label}}<small>{{show fact}}</small></th><td class="n"><b>{{show value}}</b></td><td class="n">{{show threshold}}</td><td class="source">{{show source}}</td></tr>
{{/each}}</tbody></table></div>{{/if}}`,
  actions: `{{#if actions}}<h3>What to do</h3>
<ol class="actions">
{{#each actions}}<li><span class="do">{{show word}}</span> {{prose text}}{{#if command}}<pre><code>{{command command}}</code></pre>{{/if}}{{#if risk}}<p class="risk"><b>Risk:</b> {{prose risk}}</p>{{/if}}</li>
{{/each}}</ol>{{/if}}`,
  references: `{{#if references}}<p class="references">{{#each references}}{{link title url}} {{/each}}</p>{{/if}}`,
  grid: `<section aria-labelledby="{{id}}-title">
<h2 id="{{id}}-title">{{title}}</h2>
<div class="scroll" role="region" tabindex="0" aria-labelledby="{{id}}-title">
<table><thead><tr>{{#each table.head}}<th scope="col"{{#if number}} class="n"{{/if}}>{{show text}}</th>{{/each}}</tr></thead>
<tbody>{{#each table.rows}}<tr>{{#each this}}{{#if head}}<th scope="row">{{show text}}</th>{{else}}<td{{#if number}} class="n"{{/if}}>{{show text}}</td>{{/if}}{{/each}}</tr>
{{/each}}</tbody></table>
</div>
</section>`,
};
