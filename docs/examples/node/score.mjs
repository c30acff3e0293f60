// Scores one answer from JavaScript, by a client made of the contract:
//     npm install && node score.mjs 127.0.0.1:50051 ../../../proto
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const [address, proto] = process.argv.slice(2);
const options = { includeDirs: [proto], keepCase: true, enums: String, oneofs: true };
const contract = grpc.loadPackageDefinition(loader.loadSync("codaserve/v1/scorer.proto", options));
const scorer = new contract.codaserve.v1.Scorer(address, grpc.credentials.createInsecure());

const items = [{ id: "q1", math: { gold: ["1/2"], response: "So it is \\boxed{0.5}." } }];
scorer.Score({ items }, { deadline: Date.now() + 60_000 }, (error, answer) => {
  if (error) throw error; // the call failed: nothing is known of any item, try again
  for (const { id, outcome, verdict, failure } of answer.results) {
    if (outcome === "failure") console.log(id, "not scored:", failure.code, failure.message);
    else if (verdict._score === undefined) console.log(id, "undecided:", verdict.reason);
    else console.log(id, verdict.score, verdict.reason);
  }
  scorer.close();
});
