import java.nio.file.Path;
import java.time.Duration;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.harness.Neo4jBuilders;

/** Starts Neo4j on a free port of this machine, prints its address, and ends when its standard input ends. */
public class Launcher {
    public static void main(String[] arguments) throws Exception {
        var neo4j = Neo4jBuilders.newInProcessBuilder(Path.of(arguments[0]))
                .withDisabledServer()
                .withConfig(BoltConnector.listen_address, new SocketAddress("127.0.0.1", 0))
                .withConfig(GraphDatabaseSettings.lock_acquisition_timeout, Duration.ofSeconds(5))
                .build();
        System.out.println("BOLT " + neo4j.boltURI());
        System.out.flush();
        while (System.in.read() != -1) {
            // wait for whoever started us to end
        }
        neo4j.close();
    }
}
