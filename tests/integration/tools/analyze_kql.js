// What Microsoft's own parser of Kusto queries finds wrong: node analyze_kql.js PACKAGE < request.
// The request is {"tables": [[name, "(column: type, …)"]], "queries": [text]}; the answer, a list of
// messages for each query.
const fs = require("fs");
const path = require("path");
const vm = require("vm");

for (const file of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
  vm.runInThisContext(fs.readFileSync(path.join(process.argv[2], file), "utf8"), file);
}
const { GlobalState, KustoCode, Symbols } = Kusto.Language;
const request = JSON.parse(fs.readFileSync(0, "utf8"));
const tables = request.tables.map(([name, schema]) => new Symbols.TableSymbol.$ctor7(name, schema, ""));
const database = new Symbols.DatabaseSymbol.ctor("workspace", tables);
const globals = GlobalState.Default.WithDatabase(database);
const found = request.queries.map((query) => {
  const list = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  return Array.from({ length: list.Count }, (_, n) => list.getItem(n).Message);
});
process.stdout.write(JSON.stringify(found));
